"""Hosts whose pages often do not say who publishes them."""

# Host without `www.` -> the name readers know. General knowledge, written for this project; a page that names its
# outlet itself is always believed first.
_OUTLETS = {
    "abc.net.au": "ABC News",
    "afp.com": "AFP",
    "aljazeera.com": "Al Jazeera",
    "apnews.com": "Associated Press",
    "bbc.co.uk": "BBC News",
    "bbc.com": "BBC News",
    "bloomberg.com": "Bloomberg",
    "cbc.ca": "CBC News",
    "chinadaily.com.cn": "China Daily",
    "cnn.com": "CNN",
    "dw.com": "Deutsche Welle",
    "economist.com": "The Economist",
    "elpais.com": "El País",
    "english.news.cn": "Xinhua",
    "euronews.com": "Euronews",
    "faz.net": "Frankfurter Allgemeine",
    "ft.com": "Financial Times",
    "globaltimes.cn": "Global Times",
    "hrw.org": "Human Rights Watch",
    "lefigaro.fr": "Le Figaro",
    "lemonde.fr": "Le Monde",
    "nikkei.com": "Nikkei",
    "npr.org": "NPR",
    "nytimes.com": "The New York Times",
    "politico.com": "Politico",
    "reuters.com": "Reuters",
    "rfa.org": "Radio Free Asia",
    "rferl.org": "Radio Free Europe/Radio Liberty",
    "scmp.com": "South China Morning Post",
    "spiegel.de": "Der Spiegel",
    "sueddeutsche.de": "Süddeutsche Zeitung",
    "tagesschau.de": "tagesschau",
    "theguardian.com": "The Guardian",
    "voanews.com": "Voice of America",
    "washingtonpost.com": "The Washington Post",
    "wsj.com": "The Wall Street Journal",
    "xinhuanet.com": "Xinhua",
    "zeit.de": "Die Zeit",
}


def outlet_of(host: str) -> str:
    """The outlet of a host or of the site it belongs to; empty when it is not known."""
    parts = host.lower().split(".")
    sites = (".".join(parts[start:]) for start in range(len(parts) - 1))
    return next((_OUTLETS[site] for site in sites if site in _OUTLETS), "")
