"""Lines that news sites put between the paragraphs of an article: prompts, pointers to other stories, credits.

The complete line must be boilerplate; the article's notes keep what is removed. Languages: those of the larger sites.
"""

import re

_MAX_LINE = 300
_NETWORKS = (
    r"(?:facebook|twitter|x|instagram|whatsapp|telegram|youtube|linkedin|tiktok|threads|bluesky|mastodon|reddit"
    r"|pinterest|google\snews|apple\snews|flipboard|signal|messenger|viber|weibo|wechat|social\smedia)"
)
_BULLETS = re.compile(r"^[\s\-–—•*·›»>|▶►→+#]{1,10}")

# Complete lines.
_WHOLE = r"""
    advert(?:isement|ising)?s? | ads? | sponsored(?:\scontent)? | promoted | scroll\sto\scontinue
    | continue\sreading
    | advertisement[\s:–—-]{1,4}(?:scroll\sto\scontinue|article\scontinues\sbelow|continue\sreading\sbelow
      |story\scontinues\sbelow)
    | (?:story|article|video)\scontinues\s(?:below|after)(?:\sthis)?(?:\s(?:advertisement|ad|video))?
    | (?:related|recommended|trending)(?:\s(?:articles?|stor(?:y|ies)|posts?|content|news|topics|links|coverage
      |reading|tags|videos?))? | more\s(?:stories|news|like\sthis)
    | most\s(?:read|popular|viewed|shared|commented) | read\s(?:more|next|also|on) | up\snext
    | see\s(?:also|more) | you\s(?:may|might)\s(?:also\s)?(?:like|be\sinterested\sin)
    | editor[’']?s[’']?\s(?:picks?|choice) | latest\snews | top\sstories | don[’']t\smiss
    | watch(?:\snow|\smore)? | listen(?:\snow|\sto\sthis\sarticle)? | show\smore | load\smore | share | tweet
    | print | e-?mail | copy\slink | save | bookmark | comments? | \d{1,5}\scomments?
    | leave\sa\s(?:comment|reply)
    | (?:share|print|email|save|tweet|bookmark)\s(?:this|the)?\s?(?:article|story|page|post|link)?
    | back\sto\stop | close | loading(?:\.{3}|…)? | (?:view|post|add|join\sthe)\s(?:comments?|conversation)
    | \d{1,3}[\s-](?:min|minute)s?(?:[\s-]read)? | \d{1,3}\smin\.?\slesezeit | newsletters?
    | subscribe(?:\snow)? | sign\s(?:up|in)(?:\snow)? | log\s?in | register(?:\snow)? | follow(?:\sus)?
    | click\shere | learn\smore | photos? | videos? | getty\simages | (?:af?p|reuters)\s?/\s?getty\simages
    | tags?:? | (?:license|republish)\sthis\s(?:article|story|content) | report\sa\stypo
    | updates\severy\s\d{1,3}\s(?:seconds|minutes) | refresh
    # German
    | anzeige | werbung | mehr\szum\sthema | lesen\ssie\sauch | zur\sstartseite | teilen | drucken | merken
    | kommentare?(?:\slesen)? | weiterlesen
    # French
    | publicité | à\slire\saussi | a\slire\saussi | lire\saussi | voir\saussi | partager
    | la\ssuite\saprès\s(?:la|cette)\spublicité | commenter
    # Spanish
    | publicidad | lea\stambién | lee\stambién | te\spuede\sinteresar | compartir | ver\smás | leer\smás
    | más\sinformación | noticias\srelacionadas
    # Portuguese
    | publicidade | leia\s(?:também|mais) | veja\s(?:também|mais) | saiba\smais | compartilhar | compartilhe
    | continua\sdepois\sda\spublicidade
    # Italian, Dutch
    | pubblicità | leggi\sanche | condividi | riproduzione\sriservata | advertentie | lees\sook | lees\sverder
    | deel(?:\sdit\sartikel)?
    # Swedish, Norwegian, Danish, Polish
    | annons | läs\s(?:också|mer) | annonse | les\sogså | annonce | læs\sogså | reklama
    | czytaj\s(?:także|też|więcej) | udostępnij
    # Russian, Turkish, Indonesian, Vietnamese
    | реклама | читайте\sтакже | поделиться | ayrıca\sokuyun | ilgili\shaberler | baca\sjuga | xem\sthêm
    # Chinese, Japanese, Korean, Arabic
    | 相关阅读 | 延伸阅读 | 相关新闻 | 関連記事 | あわせて読みたい | 広告 | 관련기사 | اقرأ\sأيض[اً]{1,2} | إعلان
"""
# Labels before a title, an address or a name.
_LABELLED = r"""
    (?:read|see|watch|listen|related|recommended|more)(?:\s(?:also|more|next|now|here|story|stories|article
      |articles|video|reading|coverage|on\sthis))?\s?[:|»>→] | (?:read|see)\s(?:also|next)\b
    | read\smore\s(?:about|on|from|at|news)\b | more\s(?:from|in|on)\s[^.?!]{1,60}$
    | (?:also|must)\sread\s?[:|–—-]
    # German
    | lesen\ssie\s(?:auch|mehr|hier|dazu)\b | mehr\s(?:zum\sthema|dazu|aus)\b | hier\slesen\ssie\b
    | auch\sinteressant\s?: | lesetipp\s?: | siehe\sauch\b
    # French
    | (?:à|a)\slire(?:\saussi|\ségalement)?\s?[:»>|–—-] | (?:à|a)\slire\s(?:aussi|également)\b
    | (?:lire|voir|écouter|regarder)\s(?:aussi|également|plus)\b | sur\sle\smême\s(?:sujet|thème)\b
    | lire\sla\ssuite\b
    # Spanish
    | (?:lea|lee|mira|mire|vea|ver)\s(?:también|además|más)\b | te\spuede\sinteresar\b | puedes?\sleer\b
    | sigue\sleyendo\b | más\s(?:noticias|información)\s(?:en|sobre|de)\b
    # Portuguese, Italian, Dutch
    | (?:leia|veja|confira|ouça)\s(?:também|mais)\b | saiba\smais\b | leggi\s(?:anche|tutto|pure|qui)\b
    | guarda\sanche\b | lees\s(?:ook|meer|verder)\b
    # Swedish, Norwegian, Danish, Polish
    | läs\s(?:också|mer|även)\b | les\s(?:også|mer)\b | læs\s(?:også|mere)\b
    | (?:czytaj|zobacz|przeczytaj)\s(?:także|też|również|więcej)\b
    # Russian, Indonesian
    | (?:читайте|смотрите|см\.)\sтакже\b | читайте\sнас\b | baca\s(?:juga|selengkapnya)\b | 相关阅读\s?[:：]
    | 延伸阅读\s?[:：] | 責任編輯 | 责任编辑 | （?编辑\s?[:：] | 関連記事 | 【関連 | 관련기사
"""
_PROMPTS = rf"""
    (?:please\s)?(?:sign\s?-?up|subscribe|register|join)\b.{{0,200}}\b(?:newsletters?|alerts?|inbox|e-?mails?
      |updates|bulletin|briefing|account|free|unlimited|continue|channel|community|app|notifications
      |podcast)\b.{{0,120}} | (?:click|tap|press)\s(?:here|on)\b.{{0,30}}\b(?:to|for)\b.{{0,200}}
    | (?:get|receive|want)\b.{{0,160}}\b(?:newsletters?|(?:in|to)\syour\sinbox|news\salerts?|breaking\snews
      |straight\sto\syour|latest\snews\sand\supdates)\b.{{0,160}}
    | (?:enter|confirm|submit)\syour\se-?mail\b.{{0,160}}
    | by\s(?:signing\sup|subscribing|clicking|submitting|providing|entering)\b.{{0,250}}
    | (?:thank\syou|thanks)\sfor\s(?:subscribing|signing\sup|reading|registering|your\ssubscription)\b.{{0,160}}
    | (?:follow|like|join|find|connect\swith|visit|add|watch)\s(?:us|me|our|the
      |@?[\w.’'-]{{1,30}})?(?:\s[\w.’'-]{{1,30}}){{0,6}}\s(?:on|at|via|in)\s(?:our\s)?{_NETWORKS}\b.{{0,160}}
    | (?:download|get|try|install)\s(?:our|the)\b.{{0,60}}\bapps?\b.{{0,160}}
    | (?:share|tweet|pin|post)\s(?:this|it|the|article|story|on|via)?.{{0,40}}\b(?:on|via|by
      |to)\s{_NETWORKS}\b.{{0,60}}
    | (?:click\sto\s)?(?:share|e-?mail|print)\s(?:on|via|a\slink\sto|this|with)\b.{{0,80}}
    | opens\sin\s(?:a\s)?new\s(?:window|tab)
    | do\syou\shave\s(?:a|an|any|more|information|something)\b.{{0,20}}\b(?:story|stories|tips?|information
      |questions?|opinions?|news|views?|share)\b.{{0,250}}
    | (?:got|have)\s(?:a|an)\s(?:news\s)?(?:tip|story|question|opinion)\b.{{0,200}}
    | if\syou\s(?:would\slike|want)\sto\s(?:submit|respond|reply|read|receive|support)\b.{{0,250}}
    | (?:press|media|news)\s(?:contacts?|enquiries|inquiries|desk)\s?:.{{0,160}}
    | (?:e-?mail|contact)\s[\w.+-]{{1,60}}@.{{0,120}}
    | (?:get|enjoy|for|with)\sunlimited\s(?:digital\s)?access\b.{{0,160}}
    | already\s(?:a\s(?:subscriber|member)|have\san\saccount|subscribed|registered)\b.{{0,120}}
    | (?:subscribe|log\sin|sign\sin|register|create\san?\s(?:free\s)?account)\s(?:now\s)?(?:to|for|and
      |or)\b.{{0,200}}
    | this\s(?:article|content|story)\sis\s(?:for|only|reserved|available\sto
      |exclusive)\b.{{0,160}}\b(?:subscribers?|members?)\b.{{0,80}}
    | you\shave\s(?:reached|read|\d{{1,2}})\b.{{0,80}}\b(?:articles?|limit)\b.{{0,80}}
    | (?:your|the)\se-?mail\s(?:address\s)?will\snot\sbe\s(?:published|shared)\b.{{0,120}}
    | required\sfields\sare\smarked\b.{{0,20}} | this\ssite\suses\s(?:akismet|cookies)\b.{{0,200}}
    # rights
    | (?:©|\(c\)|copyright)\s.{{0,200}}
    | (?:this|the)\smaterial\s(?:may|can)(?:\s?not)?\b.{{0,30}}\b(?:published|reproduced)\b.{{0,200}}
    | (?:disclaimer|disclosure|affiliate)\s?:.{{0,280}}
    | (?:the\s)?(?:story|post|article)\s.{{0,160}}\s(?:first\sappeared|appeared\sfirst)\son\s.{{0,120}}
    | (?:is\sthis\spage\suseful|was\sthis\s(?:article|page|story)\s(?:helpful|useful))\b.{{0,60}}
    | (?:note|story)\sto\s(?:readers|editors)\b.{{0,200}}
    | (?:support|help)\s(?:our|independent|quality)\sjournalism\b.{{0,200}}
    # credits
    | (?:photo(?:graph)?s?|images?|pictures?|file\sphotos?|illustrations?|graphic|video|image\scredits?
      |photo\scredits?|picture\scredits?|credits?)\s?(?:[:/©]|by\s|courtesy\s|via\s).{{0,140}}
    | \((?:photo|image|picture|file|credit|photos?\sby|image\scredit|photo\scredit)\b.{{0,120}}\)
    # credits: German, French, Spanish
    | (?:fotos?|bild(?:er|quelle)?|quellen?|symbolbild|grafik)\s?[:/©].{{0,140}}
    | (?:crédits?(?:\sphotos?)?|photo|légende)\s?[:/©].{{0,140}}
    | (?:imagen|imágenes|fotografía|fuente|crédito)\s?[:/©].{{0,140}}
    # German
    | (?:newsletter|jetzt|hier|kostenlos|melden\ssie\ssich|abonnieren\ssie|bestellen\ssie
      |registrieren\ssie)\b.{{0,160}}\b(?:newsletters?|anmelden|abonnieren|bestellen|registrieren|lesen|testen
      |postfach|probeabo|whatsapp)\b.{{0,120}}
    | (?:folgen|besuchen)\ssie\s(?:uns|[\w.-]{{1,30}})\b.{{0,30}}\b(?:auf|bei)\b.{{0,80}}
    | (?:bereits|schon)\sabonnent.{{0,100}}
    # French
    | (?:abonnez|inscrivez|connectez)-vous\b.{{0,200}} | suivez(?:-nous)?\b.{{0,60}}\bsur\b.{{0,100}}
    | (?:recevez|ne\smanquez)\b.{{0,200}}\b(?:newsletters?|lettre|boîte|mails?|actualités?)\b.{{0,80}}
    | (?:cet\sarticle|la\ssuite|ce\scontenu)\s(?:est|de\scet)\s.{{0,40}}(?:réservée?|abonnés)\b.{{0,100}}
    | (?:déjà\sabonné|je\sm['’]abonne|tous\sdroits\sréservés)\b.{{0,100}}
    # Spanish
    | (?:suscr[íi]b[ae](?:te|se)|suscribirse|regístr(?:ate|ese)|apúntate|inscríbete)\b.{{0,200}}
    | (?:síguenos|síganos|sigue\sa)\b.{{0,160}}
    | (?:recibe|reciba)\b.{{0,160}}\b(?:boletín|newsletter|correo|noticias|whatsapp)\b.{{0,80}}
    | (?:únete|súmate)\sa\b.{{0,120}}\b(?:canal|comunidad|{_NETWORKS})\b.{{0,60}}
    | (?:compartir|comparte)\s(?:en|por|esta?)\b.{{0,80}}
    | (?:todos\slos\sderechos\sreservados|prohibida\s(?:la|su)\sreproducción)\b.{{0,120}}
    # Portuguese, Italian, Dutch
    | (?:assine|inscreva-se|cadastre-se)\b.{{0,160}} | siga\b.{{0,80}}\b(?:no|nas|em)\b.{{0,80}}
    | (?:iscriviti|abbonati)\b.{{0,160}} | seguici\b.{{0,120}} | ©?\s?riproduzione\sriservata.{{0,40}}
    | (?:meld\sje|schrijf\sje|abonneer\sje)\b.{{0,160}}
    | volg\s(?:ons|[\w.]{{1,20}})\b.{{0,30}}\b(?:op|via)\b.{{0,80}}
    # Swedish, Norwegian, Danish, Polish
    | (?:prenumerera|abonner|tilmeld\sdig|meld\sdeg)\b.{{0,160}}
    | (?:zapisz\ssię|subskrybuj|dołącz\sdo)\b.{{0,160}} | (?:подпис(?:ывайтесь|аться|ывайся|итесь))\b.{{0,200}}
    | при\s(?:перепечатке|использовании|цитировании)\b.{{0,200}} | (?:abone\solun|takip\sedin)\b.{{0,120}}
    # Chinese, Japanese, Korean
    | (?:扫一扫|扫描二维码|版权所有|版权声明|未经授权|转载请注明|责任编辑|（?责编|責任編輯).{{0,120}}
    | 無断転載.{{0,60}} | (?:무단\s?전재|ⓒ|저작권자).{{0,120}}
"""
# Prompts that can begin with anything. They are slow to match, so a necessary word is searched for first.
_ANYWHERE = r"""
    .{0,120}\b(?:can\sbe\s(?:reached|contacted)|reach\s(?:him|her|them|the\s(?:reporter|writer|author)
      |out\sto)|(?:contact|reach|e-?mail|write\sto)\s(?:him|her|them|us|the\s(?:reporter|writer|author|newsroom
      |editor)|[A-Z][\w’'-]{1,20}(?:\s[A-Z][\w’'-]{1,20}){0,2}))\s(?:at|on|via|by)?\s?.{0,40}@.{0,120}
    | .{0,120}\ball\srights\sreserved\b.{0,120}
    | .{0,200}\bmay\snot\sbe\s(?:published|reproduced|republished|redistributed|copied)\b.{0,200}
"""
_ANYWHERE_WORDS = ("@", "reserved", "published", "reproduced", "redistributed", "copied")


def _compiled(pattern: str, ending: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern}){ending}", re.IGNORECASE | re.VERBOSE)


_WHOLE_LINE = _compiled(_WHOLE, r"[\s:.…!»>|→▼↓]{0,6}$")
_LABELLED_LINE = _compiled(_LABELLED, "")
_PROMPT_LINE = _compiled(_PROMPTS, "$")
_ANYWHERE_LINE = _compiled(_ANYWHERE, "$")
_SPEECH = re.compile(r"[“”„«»]|\bsaid\b|\bsagte\b|\ba déclaré\b|\bdijo\b", re.IGNORECASE)


def is_boilerplate(line: str) -> bool:
    """Return whether a line is a prompt, a pointer to another story or a credit. A line with speech never is."""
    if len(line) > _MAX_LINE:
        return False
    bare = _BULLETS.sub("", line).strip()
    if not bare:
        return False
    if _WHOLE_LINE.match(bare):
        return True
    if _LABELLED_LINE.match(bare):
        return len(bare) <= 200
    prompt = _PROMPT_LINE.match(bare)
    if prompt is None:
        low = bare.lower()
        prompt = _ANYWHERE_LINE.match(bare) if any(word in low for word in _ANYWHERE_WORDS) else None
    return prompt is not None and not _SPEECH.search(bare)
