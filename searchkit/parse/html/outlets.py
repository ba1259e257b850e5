"""Outlets: names and countries by host, and the outlet's name inside a page title."""

import re
from functools import cache

from searchkit.text import name_key

# A title and its outlet are joined by one of these, with blanks around it.
_JOINT = re.compile(r"\s(?:[|•·–—»:]|-{1,2})\s")
# Chinese and Japanese pages join without blanks: `桥梁关闭_青溪报`.
_CJK_JOINT = re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff”》！？])\s?[_|｜]\s?(?=[\u3400-\u9fff])")
_CJK_OUTLET = 8
# A short part after a bar is the site or a section.
_BAR = re.compile(r"\s[|｜]\s")
_BAR_WORDS, _WORDS_BEFORE = 4, 3
_NAME_SLACK = 12  # difference in length between a name and the word in its host: `The Harbor` + `Ledger`
_AGREEMENT = 0.5  # headings reworded for search engines keep about half of the words

# Country (ISO 3166, `-` for none), host without `www.`, name. An outlet with two hosts has one name.
_TABLE = """
US apnews.com Associated Press
US nytimes.com The New York Times
US washingtonpost.com The Washington Post
US wsj.com The Wall Street Journal
US usatoday.com USA Today
US latimes.com Los Angeles Times
US chicagotribune.com Chicago Tribune
US bostonglobe.com The Boston Globe
US sfchronicle.com San Francisco Chronicle
US inquirer.com The Philadelphia Inquirer
US miamiherald.com Miami Herald
US dallasnews.com The Dallas Morning News
US houstonchronicle.com Houston Chronicle
US seattletimes.com The Seattle Times
US startribune.com Star Tribune
US denverpost.com The Denver Post
US nypost.com New York Post
US nydailynews.com New York Daily News
US newsday.com Newsday
US csmonitor.com The Christian Science Monitor
US thehill.com The Hill
US politico.com Politico
US axios.com Axios
US semafor.com Semafor
US propublica.org ProPublica
US theintercept.com The Intercept
US theatlantic.com The Atlantic
US newyorker.com The New Yorker
US time.com Time
US newsweek.com Newsweek
US vox.com Vox
US slate.com Slate
US salon.com Salon
US motherjones.com Mother Jones
US thenation.com The Nation
US nationalreview.com National Review
US reason.com Reason
US foreignpolicy.com Foreign Policy
US foreignaffairs.com Foreign Affairs
US npr.org NPR
US pbs.org PBS
US cnn.com CNN
US foxnews.com Fox News
US nbcnews.com NBC News
US cbsnews.com CBS News
US abcnews.go.com ABC News (US)
US abcnews.com ABC News (US)
US msnbc.com MSNBC
US cnbc.com CNBC
US bloomberg.com Bloomberg
US forbes.com Forbes
US fortune.com Fortune
US businessinsider.com Business Insider
US marketwatch.com MarketWatch
US barrons.com Barron's
US theverge.com The Verge
US wired.com Wired
US techcrunch.com TechCrunch
US arstechnica.com Ars Technica
US rfa.org Radio Free Asia
US voanews.com Voice of America
- rferl.org Radio Free Europe/Radio Liberty
US upi.com UPI
US hrw.org Human Rights Watch
- reuters.com Reuters
CA cbc.ca CBC News
CA theglobeandmail.com The Globe and Mail
CA thestar.com Toronto Star
CA nationalpost.com National Post
CA globalnews.ca Global News
CA ctvnews.ca CTV News
CA lapresse.ca La Presse
CA ledevoir.com Le Devoir
CA radio-canada.ca Radio-Canada
GB bbc.co.uk BBC News
GB bbc.com BBC News
GB theguardian.com The Guardian
GB thetimes.co.uk The Times
GB thetimes.com The Times
GB telegraph.co.uk The Telegraph
GB independent.co.uk The Independent
GB ft.com Financial Times
GB economist.com The Economist
GB dailymail.co.uk Daily Mail
GB mirror.co.uk The Mirror
GB thesun.co.uk The Sun
GB express.co.uk Daily Express
GB standard.co.uk The Standard
GB metro.co.uk Metro
GB news.sky.com Sky News
GB itv.com ITV News
GB channel4.com Channel 4
GB scotsman.com The Scotsman
GB heraldscotland.com The Herald
GB newstatesman.com New Statesman
GB spectator.co.uk The Spectator
GB middleeasteye.net Middle East Eye
GB bellingcat.com Bellingcat
IE irishtimes.com The Irish Times
IE independent.ie Irish Independent
IE rte.ie RTÉ
IE thejournal.ie The Journal
IE irishexaminer.com Irish Examiner
DE spiegel.de Der Spiegel
DE zeit.de Die Zeit
DE faz.net Frankfurter Allgemeine
DE sueddeutsche.de Süddeutsche Zeitung
DE tagesschau.de tagesschau
DE zdf.de ZDF
DE zdfheute.de ZDFheute
DE welt.de Die Welt
DE bild.de Bild
DE taz.de taz
DE handelsblatt.com Handelsblatt
DE tagesspiegel.de Der Tagesspiegel
DE fr.de Frankfurter Rundschau
DE stern.de Stern
DE focus.de Focus
DE n-tv.de n-tv
DE deutschlandfunk.de Deutschlandfunk
DE wiwo.de WirtschaftsWoche
DE heise.de heise online
DE netzpolitik.org netzpolitik.org
DE correctiv.org Correctiv
DE dw.com Deutsche Welle
AT derstandard.at Der Standard
AT diepresse.com Die Presse
AT orf.at ORF
AT kurier.at Kurier
AT krone.at Kronen Zeitung
CH nzz.ch Neue Zürcher Zeitung
CH tagesanzeiger.ch Tages-Anzeiger
CH srf.ch SRF
CH swissinfo.ch Swissinfo
CH letemps.ch Le Temps
CH rts.ch RTS
FR lemonde.fr Le Monde
FR lefigaro.fr Le Figaro
FR liberation.fr Libération
FR leparisien.fr Le Parisien
FR lesechos.fr Les Échos
FR la-croix.com La Croix
FR ouest-france.fr Ouest-France
FR lexpress.fr L'Express
FR lepoint.fr Le Point
FR nouvelobs.com Le Nouvel Obs
FR mediapart.fr Mediapart
FR francetvinfo.fr Franceinfo
FR franceinfo.fr Franceinfo
FR france24.com France 24
FR rfi.fr RFI
FR bfmtv.com BFM TV
FR euronews.com Euronews
FR afp.com AFP
FR monde-diplomatique.fr Le Monde diplomatique
BE lesoir.be Le Soir
BE lalibre.be La Libre Belgique
BE rtbf.be RTBF
BE standaard.be De Standaard
BE demorgen.be De Morgen
BE vrt.be VRT
BE brusselstimes.com The Brussels Times
BE politico.eu Politico Europe
BE euobserver.com EUobserver
BE euractiv.com Euractiv
NL nos.nl NOS
NL nrc.nl NRC
NL volkskrant.nl de Volkskrant
NL telegraaf.nl De Telegraaf
NL ad.nl AD
NL trouw.nl Trouw
NL nu.nl NU.nl
ES elpais.com El País
ES elmundo.es El Mundo
ES abc.es ABC
ES lavanguardia.com La Vanguardia
ES eldiario.es elDiario.es
ES elconfidencial.com El Confidencial
ES rtve.es RTVE
ES efe.com EFE
PT publico.pt Público
PT expresso.pt Expresso
PT dn.pt Diário de Notícias
PT rtp.pt RTP
IT corriere.it Corriere della Sera
IT repubblica.it la Repubblica
IT lastampa.it La Stampa
IT ilsole24ore.com Il Sole 24 Ore
IT ansa.it ANSA
IT rainews.it Rai News
IT ilfattoquotidiano.it Il Fatto Quotidiano
SE dn.se Dagens Nyheter
SE svd.se Svenska Dagbladet
SE svt.se SVT
SE aftonbladet.se Aftonbladet
NO nrk.no NRK
NO aftenposten.no Aftenposten
NO vg.no VG
DK dr.dk DR
DK politiken.dk Politiken
DK berlingske.dk Berlingske
FI yle.fi Yle
FI hs.fi Helsingin Sanomat
PL wyborcza.pl Gazeta Wyborcza
PL rp.pl Rzeczpospolita
PL onet.pl Onet
PL tvn24.pl TVN24
CZ idnes.cz iDNES.cz
CZ ihned.cz Hospodářské noviny
CZ ceskatelevize.cz Česká televize
SK sme.sk SME
SK dennikn.sk Denník N
HU telex.hu Telex
HU hvg.hu HVG
RO digi24.ro Digi24
RO hotnews.ro HotNews
BG dnevnik.bg Dnevnik
GR kathimerini.gr Kathimerini
GR ekathimerini.com Kathimerini
RS balkaninsight.com Balkan Insight
UA pravda.com.ua Ukrainska Pravda
UA kyivindependent.com The Kyiv Independent
UA ukrinform.net Ukrinform
RU tass.com TASS
RU tass.ru TASS
RU ria.ru RIA Novosti
RU rt.com RT
RU kommersant.ru Kommersant
RU novayagazeta.ru Novaya Gazeta
RU themoscowtimes.com The Moscow Times
LV meduza.io Meduza
TR hurriyetdailynews.com Hürriyet Daily News
TR hurriyet.com.tr Hürriyet
TR aa.com.tr Anadolu Agency
TR dailysabah.com Daily Sabah
IL haaretz.com Haaretz
IL jpost.com The Jerusalem Post
IL timesofisrael.com The Times of Israel
IL ynetnews.com Ynet
QA aljazeera.com Al Jazeera
QA aljazeera.net Al Jazeera
AE thenationalnews.com The National
AE gulfnews.com Gulf News
AE khaleejtimes.com Khaleej Times
SA arabnews.com Arab News
SA aawsat.com Asharq Al-Awsat
EG ahram.org.eg Al-Ahram
LB dailystar.com.lb The Daily Star
IR tehrantimes.com Tehran Times
IR presstv.ir Press TV
IN thehindu.com The Hindu
IN timesofindia.indiatimes.com The Times of India
IN hindustantimes.com Hindustan Times
IN indianexpress.com The Indian Express
IN ndtv.com NDTV
IN thewire.in The Wire
IN scroll.in Scroll.in
IN economictimes.indiatimes.com The Economic Times
IN livemint.com Mint
PK dawn.com Dawn
PK tribune.com.pk The Express Tribune
PK geo.tv Geo News
BD thedailystar.net The Daily Star (Bangladesh)
LK dailymirror.lk Daily Mirror (Sri Lanka)
NP kathmandupost.com The Kathmandu Post
CN xinhuanet.com Xinhua
CN english.news.cn Xinhua
CN chinadaily.com.cn China Daily
CN globaltimes.cn Global Times
CN people.com.cn People's Daily
CN en.people.cn People's Daily
CN cgtn.com CGTN
CN caixin.com Caixin
CN caixinglobal.com Caixin
CN thepaper.cn The Paper
CN sixthtone.com Sixth Tone
HK scmp.com South China Morning Post
HK hongkongfp.com Hong Kong Free Press
HK rthk.hk RTHK
TW taipeitimes.com Taipei Times
TW focustaiwan.tw Focus Taiwan
JP nikkei.com Nikkei
JP asia.nikkei.com Nikkei Asia
JP japantimes.co.jp The Japan Times
JP asahi.com The Asahi Shimbun
JP mainichi.jp The Mainichi
JP yomiuri.co.jp The Yomiuri Shimbun
JP english.kyodonews.net Kyodo News
JP nhk.or.jp NHK
KR yna.co.kr Yonhap
KR koreaherald.com The Korea Herald
KR koreatimes.co.kr The Korea Times
KR koreajoongangdaily.joins.com Korea JoongAng Daily
KR hani.co.kr The Hankyoreh
SG straitstimes.com The Straits Times
SG channelnewsasia.com CNA
MY thestar.com.my The Star
MY malaysiakini.com Malaysiakini
ID thejakartapost.com The Jakarta Post
ID tempo.co Tempo
ID kompas.com Kompas
PH rappler.com Rappler
PH inquirer.net Philippine Daily Inquirer
PH philstar.com The Philippine Star
TH bangkokpost.com Bangkok Post
VN vnexpress.net VnExpress
KH phnompenhpost.com The Phnom Penh Post
MM irrawaddy.com The Irrawaddy
AU abc.net.au ABC News
AU smh.com.au The Sydney Morning Herald
AU theage.com.au The Age
AU theaustralian.com.au The Australian
AU news.com.au news.com.au
AU afr.com Australian Financial Review
AU sbs.com.au SBS
NZ nzherald.co.nz The New Zealand Herald
NZ rnz.co.nz RNZ
NZ stuff.co.nz Stuff
ZA news24.com News24
ZA mg.co.za Mail & Guardian
ZA dailymaverick.co.za Daily Maverick
ZA iol.co.za IOL
NG punchng.com The Punch
NG premiumtimesng.com Premium Times
NG vanguardngr.com Vanguard
NG guardian.ng The Guardian (Nigeria)
KE nation.africa Nation
KE standardmedia.co.ke The Standard (Kenya)
GH myjoyonline.com MyJoyOnline
ET addisstandard.com Addis Standard
- allafrica.com AllAfrica
BR folha.uol.com.br Folha de S.Paulo
BR estadao.com.br O Estado de S. Paulo
BR oglobo.globo.com O Globo
BR g1.globo.com G1
AR clarin.com Clarín
AR lanacion.com.ar La Nación
AR infobae.com Infobae
AR pagina12.com.ar Página/12
CL emol.com Emol
CL latercera.com La Tercera
CO eltiempo.com El Tiempo
CO elespectador.com El Espectador
MX eluniversal.com.mx El Universal
MX jornada.com.mx La Jornada
MX milenio.com Milenio
MX reforma.com Reforma
PE elcomercio.pe El Comercio
VE elnacional.com El Nacional
"""
# Top-level domains that mean a country; `.io`, `.co`, `.tv`, `.me` and others are sold worldwide.
_COUNTRIES = frozenset(
    """
    ae ar at au ba bd be bg br by ch cl cn cy cz de dk ee eg es et fi fr gh gr hk hr hu id ie il in ir is it jp ke kr lb
    lk lt lu lv ma mk mt mx my ng nl no np nz pe ph pk pl pt qa ro rs ru sa se sg si sk th tn tr tw tz ua ug uk us uy ve
    vn za
    """.split()
)


@cache
def _outlets() -> dict[str, tuple[str, str]]:
    rows = (line.split(" ", 2) for line in _TABLE.strip().splitlines())
    return {host: (name, country.strip("-")) for country, host, name in rows}


def _known(host: str) -> tuple[str, str]:
    parts = host.lower().split(".")
    sites = (".".join(parts[start:]) for start in range(len(parts) - 1))
    return next((_outlets()[site] for site in sites if site in _outlets()), ("", ""))


def outlet_of(host: str) -> str:
    """Return the known outlet of a host or its parent domain; empty if unknown."""
    return _known(host)[0]


def country_of(host: str) -> str:
    """Return the country code of a host's outlet or top-level domain; empty if unknown."""
    country = _known(host)[1]
    ending = host.lower().rsplit(".", 1)[-1]
    if country or ending not in _COUNTRIES:
        return country
    return "GB" if ending == "uk" else ending.upper()


def _joined_key(name: str) -> str:
    return name_key(name).replace(" ", "")


def name_of(stated: str, host: str) -> str:
    """Return the known name of the outlet if `stated` means it, else `stated`.

    `DER SPIEGEL` and `spiegel.de` are Der Spiegel; a magazine with its own name on a paper's site keeps that name.
    """
    known = outlet_of(host)
    if not known or not stated:
        return stated or known
    key, known_key = (_joined_key(name).removeprefix("the") for name in (stated, known))
    words, known_words = (
        set(name_key(name).split()) - {"the", "news", "die", "der", "le", "la", "el"} for name in (stated, known)
    )
    site = name_key(host.removeprefix("www."))
    is_same = key in known_key or known_key in key or bool(words & known_words) or name_key(stated) in site
    return known if is_same else stated


def _site_word(host: str) -> str:
    """Return the distinctive part of a host name: `www.harborledger.co.uk` -> `harborledger`."""
    parts = [part for part in host.split(".") if part not in {"www", "m", "amp", "co", "com", "org", "net"}]
    return parts[0] if len(parts) == 1 else max(parts[:-1], key=len, default="")


def split_outlet(title: str, outlet: str, host: str) -> tuple[str, str] | None:
    """Return a title and the outlet's name at its end or start; None if it contains none."""
    joints = list(_JOINT.finditer(title))
    if not joints:
        return _split_other_joints(title, host)
    names = {_joined_key(outlet), name_key(_site_word(host))}
    for part, rest in (
        (title[joints[-1].end() :], title[: joints[-1].start()]),
        (title[: joints[0].start()], title[joints[0].end() :]),
    ):
        key = _joined_key(part)
        # `Harbor Ledger` for ledger.example.org, but not a sentence that contains the word.
        similar = (name for name in names if len(name) > 4 and abs(len(key) - len(name)) <= _NAME_SLACK)
        if key and (key in names or any(name in key or key in name for name in similar)):
            return rest.strip(), part.strip()
    return _split_other_joints(title, host)


def _split_other_joints(title: str, host: str) -> tuple[str, str] | None:
    """Split at a colon after the name in the host, or at the joint of Chinese and Japanese pages."""
    before, colon, after = title.partition(": ")
    if colon and len(before) > 4 and _joined_key(before) == _joined_key(_site_word(host)):
        return after.strip(), before.strip()
    parts = _CJK_JOINT.split(title)
    if len(parts) > 1 and len(parts[-1]) <= _CJK_OUTLET < len(title):
        return parts[0].strip(), parts[-1].strip()
    return None


def without_outlet(title: str, outlet: str, host: str, heading: str) -> str:
    """Return `title` without the outlet's name, or only the `heading` that it begins with."""
    split = split_outlet(title, outlet, host)
    if split is not None:
        return split[0]
    if heading and title.startswith(heading) and _JOINT.match(title, len(heading)):
        return heading
    parts = _BAR.split(title)
    if len(parts) > 1 and len(parts[-1].split()) <= _BAR_WORDS and len(parts[0].split()) >= _WORDS_BEFORE:
        return parts[0].strip()
    return title


def titles_agree(first: str, second: str) -> bool:
    """Return whether two titles mean the same article: the longer contains half the words of the shorter."""
    words, others = (set(name_key(title).split()) for title in (first, second))
    return bool(words and others) and len(words & others) / min(len(words), len(others)) >= _AGREEMENT
