"""Articles for a simulated month: invented articles with known text and statements, their edits, and lists of them.

The same seed makes the same month.
"""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urljoin

from msgspec import Struct, field

PEOPLE = {
    "Nadia Korbel": "spokesperson for the Velmar Port Authority",
    "Igor Malt": "director of the Ostrava Water Board",
    "Clementine Aske": "mayor of Velmar",
    "Tomas Rehn": "head of the Velmar Fire Service",
    "Lea Vantongel": "chair of the Harbor Council",
    "Piet Oskarsson": "secretary of the Dockers Union",
}
WATCHED = "Nadia Korbel"
# A word of one of five titles: the query of the second alert.
KEYWORD = "quarantine"
_ACTIONS = "open sell paint rent move close repair inspect widen guard lease flood drain mortgage insure".split()
_THINGS = (
    "bridge crane ferry quay tunnel warehouse lighthouse dock pier canal rail depot reservoir sluice market".split()
)
_UNITS = "bolt rope barrel lamp ledger anchor plank valve permit container window ticket signal pump hose".split()
_DONE = "counted tested painted signed sorted weighed found mended replaced stamped cleaned numbered sealed".split()
_WORDS = (
    "timber coal grain salt herring tar wool glass copper sugar tea barley hides oil cement linen paper brick honey "
    "amber cotton resin iron marble leather pepper wheat cork slate flax indigo saffron zinc ginger pewter quartz"
).split()
_TEMPLATES = (
    "We will not {0} the {1} before every {2} has been {3}",
    "Nobody here is going to {0} a {1} because of one {2} that was never {3}",
    "My deputies wanted to {0} that {1} until the last {2} was {3}",
    "It is far too late to {0} any {1} when not even a {2} can be {3}",
    "They asked me twice to {0} their {1}, and no {2} was {3}",
    "Whoever wants to {0} this {1} needs a {2} that was {3} in spring",
)


class Statement(Struct, frozen=True):
    """A statement in an article. Only copies of an article have the same words."""

    speaker: str
    words: str

    def __str__(self) -> str:
        return f'"{self.words}," said {self.speaker}, {PEOPLE[self.speaker]}, in a hall beside the quay.'


class Version(Struct, frozen=True):
    """One state of an article: paragraphs are prose or statements."""

    title: str
    paragraphs: tuple[str | Statement, ...]

    @property
    def text(self) -> str:
        """The text that an archive should have."""
        return "\n\n".join(map(str, self.paragraphs))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in order."""
        return tuple(paragraph for paragraph in self.paragraphs if isinstance(paragraph, Statement))


class Article(Struct, eq=False, kw_only=True):
    """An article at one address: its versions, and the index of the version that is online now (None: none)."""

    uri: str
    source: str
    published: datetime
    versions: list[Version]
    now: int | None = 0
    changed_at: int = 0  # hour
    # When its newest version was written, as feeds state it.
    updated: datetime = datetime.min
    # The address of the article that it was first a copy of, or its own: alerts report all copies once.
    origin: str = ""
    # How the address fails; empty if it answers with the article.
    trouble: str = ""
    # Each response has other bytes.
    ticks: bool = False
    removed_by: str = ""
    # Where it is: a path on `host`, or a file. For a moved article, also its former path, and the path in lists.
    path: str = ""
    host: str = ""
    old_path: str = ""
    listed: str = ""
    # For a line of a file, its key (`uri` or `id`) and the value.
    known_by: tuple[str, str] = ("", "")

    @property
    def version(self) -> Version:
        """The newest version."""
        return self.versions[-1]

    @property
    def listed_uri(self) -> str:
        """The address in lists."""
        return urljoin(self.uri, self.listed)

    def publish(self, version: Version | None = None, now: datetime = datetime.min) -> None:
        """Publish a new version, or the newest again. A reverted edit has the index of the first equal version."""
        if version is not None:
            self.versions.append(version)
            self.updated = now
        self.now = self.versions.index(self.version)


class Writer(Struct):
    """Writes articles and edits them."""

    chance: random.Random
    _used: set[str] = field(default_factory=set)

    def version(self, *, watched: bool = True) -> Version:
        """Return a new article with two or three statements; if `watched`, its title may have the keyword."""
        word = KEYWORD if watched and self.chance.random() < 0.2 else self.chance.choice(_UNITS)
        where = " and ".join(self.chance.sample(_WORDS, 2))
        title = f"{self.chance.choice(_THINGS).capitalize()} of Velmar waits for {where}, a {word} and a decision"
        paragraphs: list[str | Statement] = [self.prose() for _ in range(6)]
        for number in range(self.chance.randint(2, 3)):
            paragraphs.insert(1 + 2 * number, self.statement(number))
        return Version(title=title, paragraphs=tuple(paragraphs))

    def statement(self, template: int) -> Statement:
        """Return a statement with words that are new."""
        while True:
            lists = (_ACTIONS, _THINGS, _UNITS, _DONE)
            words = _TEMPLATES[template].format(*map(self.chance.choice, lists))
            words += f" by {self.chance.choice(_WORDS)} and {self.chance.choice(_WORDS)}"
            if words not in self._used:
                self._used.add(words)
                return Statement(self.chance.choice(list(PEOPLE)), words)

    def prose(self) -> str:
        """Return a paragraph without a statement."""
        goods = [" and ".join(self.chance.sample(_WORDS, 3)) for _ in range(3)]
        return (
            f"The barges carried {goods[0]} past the lock on the way north. Ships with {goods[1]} waited in the roads "
            f"until the tide turned. The stores beside the quay still hold {goods[2]} from last winter."
        )

    def edited(self, version: Version) -> Version:
        """Return an edit of an article: other prose, one statement more or less, or a complete rewrite."""
        kind = self.chance.choice(["prose", "prose", "more", "less", "rewrite"])
        paragraphs = list(version.paragraphs)
        if kind == "more" and len(version.statements) < 5:
            paragraphs.insert(len(paragraphs) - 1, self.statement(len(version.statements)))
        elif kind == "less" and len(version.statements) > 1:
            paragraphs.remove(version.statements[-1])
        elif kind == "rewrite":
            return self.version()
        else:
            place = self.chance.choice([at for at, one in enumerate(paragraphs) if isinstance(one, str)])
            paragraphs[place] = self.prose()
        return Version(title=version.title, paragraphs=tuple(paragraphs))


def page(article: Article, version: Version, outlet: str, *, extra: str = "") -> str:
    """Return the article as a web page."""
    paragraphs = "\n".join(f"<p>{escape(str(paragraph), quote=False)}</p>" for paragraph in version.paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{version.title} | {outlet}</title>\n'
        f'<meta property="article:published_time" content="{article.published.isoformat()}"></head>\n'
        f'<body><nav><a href="/">Home</a></nav><article><h1>{version.title}</h1>\n{paragraphs}</article>\n'
        f"<footer>{outlet}</footer>{extra}</body></html>"
    )


def text_file(article: Article, version: Version) -> str:
    """Return the article as plain text."""
    return f"{version.title}\n\nPublished: {article.published.date().isoformat()}\n\n{version.text}\n"


def json_line(article: Article) -> str:
    """Return the article as a line of JSON Lines."""
    key, value = article.known_by
    published, version = article.published.date().isoformat(), article.version
    return json.dumps({key: value, "title": version.title, "published": published, "text": version.text}) + "\n"


def rss(outlet: str, articles: Sequence[Article], now: datetime) -> str:
    """Return a feed that differs at every visit."""
    items = "".join(
        f"<item><title>{one.version.title}</title><link>{one.listed_uri}</link>"
        f"<pubDate>{format_datetime(one.published)}</pubDate></item>"
        for one in articles
    )
    built = f"<lastBuildDate>{format_datetime(now)}</lastBuildDate>"
    return f"<rss version='2.0'><channel><title>{outlet}</title>{built}{items}</channel></rss>"


def atom(outlet: str, articles: Sequence[Article], now: datetime) -> str:
    """Return a feed that states when each article was changed."""
    entries = "".join(
        f"<entry><title>{one.version.title}</title><id>{one.uri}</id><link href='{one.listed_uri}'/>"
        f"<published>{one.published.isoformat()}</published><updated>{one.updated.isoformat()}</updated></entry>"
        for one in articles
    )
    updated = f"<updated>{now.isoformat()}</updated>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{outlet}</title>{updated}{entries}</feed>"


def sitemap(articles: Sequence[Article]) -> str:
    """Return a sitemap that states when each article was changed."""
    urls = "".join(
        f"<url><loc>{one.listed_uri}</loc><lastmod>{one.updated.astimezone(UTC).isoformat()}</lastmod></url>"
        for one in articles
    )
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>"


def front_page(outlet: str, articles: Sequence[Article]) -> str:
    """Return a page with a headline for each article."""
    headlines = "".join(
        f"<h2><a href='{one.listed_uri}'>{one.version.title}</a></h2><p>A few words on it.</p>" for one in articles
    )
    head = f"<html><head><title>{outlet}</title></head><body><nav><a href='/'>Home</a></nav>"
    return f"{head}{headlines}</body></html>"
