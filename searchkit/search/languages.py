"""Codes of languages by their names, for those who write `lang:english`.

The languages with most newspapers; each by its English name, its own, and its three-letter codes.
"""

_NAMES = """
ar arabic العربية ara
bg bulgarian български bul
cs czech čeština cestina ces cze
da danish dansk dan
de german deutsch deu ger
el greek ελληνικά ell gre
en english eng
es spanish español espanol spa
et estonian eesti est
fa persian farsi فارسی fas per
fi finnish suomi fin
fr french français francais fra fre
he hebrew עברית heb
hi hindi हिन्दी hin
hr croatian hrvatski hrv
hu hungarian magyar hun
id indonesian bahasa ind
it italian italiano ita
ja japanese 日本語 jpn
ko korean 한국어 kor
lt lithuanian lietuvių lietuviu lit
lv latvian latviešu latviesu lav
ms malay melayu msa may
nl dutch nederlands nld dut
no norwegian norsk nor
pl polish polski pol
pt portuguese português portugues por
ro romanian română romana ron rum
ru russian русский rus
sk slovak slovenčina slovencina slk slo
sl slovenian slovenščina slovenscina slv
sr serbian српски srpski srp
sv swedish svenska swe
th thai ไทย tha
tr turkish türkçe turkce tur
uk ukrainian українська ukr
ur urdu اردو urd
vi vietnamese tiếng vie
zh chinese mandarin 中文 zho chi
"""
_CODES = {name: code for code, *names in map(str.split, _NAMES.strip().splitlines()) for name in names}


def language_code(name: str) -> str:
    """The two-letter code of the language called `name` in any case; empty when it is not known."""
    return _CODES.get(name.strip().casefold(), "")
