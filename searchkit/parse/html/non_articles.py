"""Pages that are not articles: consent walls, "not found" pages, robot checks; and signs of a paywall.

A refused page leaves the stored article of an earlier visit unchanged, so a refusal must practically never hit an
article: each needs a short text and several independent signs, and no stated date or author.
"""

import re
from collections.abc import Sequence

# Measured texts of such pages had a few hundred characters, consent walls up to some thousand.
_SHORT = 1_500
_CONSENT_LENGTH = 4_000
_TITLE_LENGTH = 80

_CONSENT = re.compile(
    r"we (?:value|care about|respect) your privacy|before you continue|(?:our"
    r"|\d{1,4}) (?:[\w-]{1,20} ){0,2}(?:partners|vendors)"
    r"|store and(?:/or)? access information on (?:a|your) device|legitimate interest|accept all|reject all|i accept"
    r"|manage (?:options|preferences|settings|cookies|choices)|personali[sz]ed (?:ads|advertising|content)"
    r"|cookie policy"
    r"|use of cookies|uses? cookies|withdraw (?:your )?consent|give (?:your )?consent|change your (?:mind"
    r"|preferences|choices)"
    r"|privacy settings|ihre privatsphäre|einwilligung|zustimmen|cookies? (?:und|et|e|y) |alle akzeptieren"
    r"|bevor sie fortfahren"
    r"|unsere partner|datenschutzeinstellungen|tout accepter|tout refuser|nos partenaires|votre consentement"
    r"|continuer sans accepter|aceptar todo|rechazar todo|nuestros socios|su consentimiento|accetta tutti"
    r"|nostri partner",
    re.IGNORECASE,
)
_CONSENT_TITLE = re.compile(
    r"\b(?:consent|cookies?|privacy (?:settings|gate|choices)|before you continue|your privacy|privatsphäre"
    r"|datenschutz"
    r"|einwilligung|bevor sie|consentement|consentimiento|consenso)\b",
    re.IGNORECASE,
)
_CONSENT_ADDRESS = re.compile(
    r"^https?://(?:consent|cmp|guce|privacy|cookies?)\.|/(?:collect)?consent\b|/privacy-?(?:gate|wall)\b"
    r"|/cookie-?wall\b",
    re.IGNORECASE,
)
_CONSENT_PHRASES = 3

_NOT_FOUND_TITLE = re.compile(
    r"(?:(?:error|http|oops|sorry)[\s:!.,–—-]{0,4})?(?:404|410)?[\s:!.,–—|-]{0,4}(?:error[\s:!.,–—-]{0,4})?"
    r"(?:(?:the |this )?(?:page|article|story|content|file)(?: (?:was|is|could|can))? ?(?:not|n[o’']t be"
    r"|cannot be) (?:be )?"
    r"(?:found|available|exist)|page not found|not found|page (?:does not|doesn[’']t) exist|nothing found"
    r"|(?:diese )?seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|página no encontrada"
    r"|página não encontrada"
    r"|pagina non trovata|pagina niet gevonden|strona nie (?:istnieje|została znaleziona)|страница не найдена"
    r"|页面不存在"
    r"|sidan (?:kunde inte hittas|hittades inte)|siden (?:blev ikke fundet|finnes ikke))?"
    r"[\s:!.,–—|-]{0,4}(?:(?:error )?(?:404|410))?(?: error)?[\s!.]{0,4}",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"page (?:you(?:[’']re| are| were)? ?(?:have )?(?:looking for|requested|tried)|that you)|(?:could|can"
    r"|was) ?not (?:be )?found|couldn[’']t find"
    r"|can[’']t (?:be found|find)|(?:does not|doesn[’']t|no longer) exists?|no longer available"
    r"|has been (?:moved|removed|deleted)"
    r"|may have (?:been )?moved|mistyped|check the (?:url|address|spelling)|nicht (?:gefunden|mehr verfügbar)"
    r"|existiert nicht"
    r"|n[’']existe (?:pas|plus)|introuvable|no existe|no se (?:ha )?encontr|não (?:existe|foi encontrad)"
    r"|non (?:esiste|è stata trovata)"
    r"|niet (?:gevonden|bestaat)|не (?:найдена|существует)|не удалось найти|nie istnieje|不存在",
    re.IGNORECASE,
)
_ROBOT_TITLE = re.compile(
    r"just a moment(?:\.{3}|…)?|attention required!?.{0,20}|access (?:to this page has been )?denied"
    r"|are you a (?:robot|human)\??"
    r"|(?:verify|verifying|checking) (?:that )?you are (?:a )?human.{0,20}|checking your browser.{0,40}"
    r"|security check"
    r"|(?:please )?enable (?:javascript|cookies).{0,40}|(?:one moment, )?please wait(?:\.{3}|…)?|(?:human"
    r"|bot) verification"
    r"|(?:403|429)?[\s–—:-]{0,3}(?:forbidden|too many requests)",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    r"captcha|cloudflare|ray id|incident id|reference #|(?:javascript|cookies) (?:is|are|and|to|in)\b"
    r"|enable javascript"
    r"|not a (?:robot|bot)|you are (?:a )?human|unusual (?:traffic|activity)|checking your browser"
    r"|permission to access"
    r"|security service|automated (?:access|requests|traffic)|rate limit",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"(?:subscribe|log in|sign in|register)(?: now)? to (?:continue|read|keep|unlock|access)"
    r"|already a (?:subscriber|member)"
    r"|to continue reading|(?:article|content|story) is (?:for|only|reserved|available to"
    r"|exclusive).{0,40}(?:subscriber|member)"
    r"|get unlimited (?:digital )?access|become a (?:subscriber|member)|this is (?:a premium|premium|subscriber)"
    r"|bereits abonnent|jetzt weiterlesen|weiterlesen mit|nur für abonnenten|réservé aux abonnés|déjà abonné"
    r"|il vous reste"
    r"|solo para suscriptores|exclusivo para suscriptores|contenido exclusivo|ya (?:eres|soy) suscriptor"
    r"|exclusivo para assinantes"
    r"|contenuto riservato|già abbonato|artikel is (?:alleen )?voor abonnees|для подписчиков",
    re.IGNORECASE,
)
_TEASER = 1_200  # two or three paragraphs


def _phrases(pattern: re.Pattern[str], text: str) -> int:
    return len({match.group().casefold() for match in pattern.finditer(text)})


def refusal(title: str, address: str, text: str) -> str:
    """Return why a page without a stated date or author is not an article; empty if it may be one.

    `text` is the extracted body, `title` lacks the outlet's name.
    """
    title = title.strip()[:_TITLE_LENGTH]
    if len(text) <= _CONSENT_LENGTH:
        found = _phrases(_CONSENT, text)
        outside = bool(_CONSENT_TITLE.search(title)) + bool(_CONSENT_ADDRESS.search(address))
        if found >= _CONSENT_PHRASES and outside:
            return "consent page without an article"
    if len(text) > _SHORT or not title:
        return ""
    if _NOT_FOUND_TITLE.fullmatch(title) and _NOT_FOUND.search(text):
        return "page not found"
    if _ROBOT_TITLE.fullmatch(title) and _ROBOT.search(text):
        return "robot check without an article"
    return ""


def paywall(text: str, removed: Sequence[str], descriptions: Sequence[str], *, free: bool | None) -> str:
    """Return why the text may be only a part of the article; empty if nothing suggests it.

    `free` is the access stated in JSON-LD, `removed` the lines removed from the body.
    """
    if free is False:
        return "the page is marked as not free to read"
    if free:
        return ""
    longest = max(map(len, descriptions), default=0)
    if len(text) > max(_TEASER, 2 * longest):
        return ""
    prompt = next((line for line in (*removed, *text.split("\n")) if _PAYWALL.search(line[:300])), "")
    return f"the text is short and next to: {prompt[:80]}" if prompt else ""
