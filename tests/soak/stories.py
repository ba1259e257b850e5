"""Stories for a simulated month: invented articles with known text and statements, and edits of their text.

The same seed makes the same month.
"""

import json
import random
from datetime import datetime
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
# How an article is taken away, other than by a status: by permanent redirects to other pages.
FRONT_PAGE, ANOTHER_ARTICLE = "front page", "another article"
WATCHED = "Nadia Korbel"
# Occurs in one of five titles; the second alert searches for it.
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
    """A statement in a story. Only copies of a story have the same words."""

    speaker: str
    words: str

    def paragraph(self) -> str:
        """Return the paragraph of the article."""
        return f'"{self.words}," said {self.speaker}, {PEOPLE[self.speaker]}, in a hall beside the quay.'


class Version(Struct, frozen=True):
    """One state of an article: paragraphs are prose (text) or statements."""

    title: str
    paragraphs: tuple[str | Statement, ...]

    @property
    def text(self) -> str:
        """The text that an archive should have."""
        return "\n\n".join(one if isinstance(one, str) else one.paragraph() for one in self.paragraphs)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in order."""
        return tuple(one for one in self.paragraphs if isinstance(one, Statement))


class Story(Struct, eq=False):
    """An article at one address: its versions, and the index of the one that is online now (None: none)."""

    uri: str
    source: str
    published: datetime
    versions: list[Version]
    now: int | None = 0
    # The story that this one is a copy of, or itself: stories with the same text have the same family.
    family: str = ""
    changed_at: int = 0
    # When its newest version was written, as feeds state it.
    updated: datetime = datetime.min
    # The story that it was first a copy of: alerts report all these once.
    origin: str = ""
    # How the address fails; empty if it answers with the article.
    trouble: str = ""
    ticks: bool = False
    taken_away_by: str = ""
    # Where it is: a path on `host`, or a file. For a moved story, also its former path, and the path in lists.
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

    def write(self, version: Version, now: datetime) -> None:
        """Publish a new version."""
        self.versions.append(version)
        self.updated = now
        self.put_up()

    def put_up(self) -> None:
        """Publish the newest version. An edit that was reverted has the index of the first equal version."""
        self.now = self.versions.index(self.versions[-1])


class Writer(Struct):
    """Writes stories and edits them."""

    chance: random.Random
    _said: set[str] = field(default_factory=set)

    def version(self, *, watched: bool = True) -> Version:
        """Return a new article with two or three statements; if `watched`, its title may have the keyword."""
        word = KEYWORD if watched and self.chance.random() < 0.2 else self.chance.choice(_UNITS)
        where = " and ".join(self.chance.sample(_WORDS, 2))
        title = f"{self.chance.choice(_THINGS).capitalize()} of Velmar waits for {where}, a {word} and a decision"
        said = [self.statement(self.chance.choice(list(PEOPLE)), number) for number in range(self.chance.randint(2, 3))]
        paragraphs: list[str | Statement] = [self.prose() for _ in range(6)]
        for number, one in enumerate(said):
            paragraphs.insert(1 + 2 * number, one)
        return Version(title=title, paragraphs=tuple(paragraphs))

    def statement(self, speaker: str, template: int) -> Statement:
        """Return a statement with words that are new."""
        while True:
            lists = (_ACTIONS, _THINGS, _UNITS, _DONE)
            words = _TEMPLATES[template % len(_TEMPLATES)].format(*(self.chance.choice(one) for one in lists))
            words += f" by {self.chance.choice(_WORDS)} and {self.chance.choice(_WORDS)}"
            if words not in self._said:
                self._said.add(words)
                return Statement(speaker, words)

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
            speaker = self.chance.choice(list(PEOPLE))
            paragraphs.insert(len(paragraphs) - 1, self.statement(speaker, len(version.statements)))
        elif kind == "less" and len(version.statements) > 1:
            paragraphs.remove(version.statements[-1])
        elif kind == "rewrite":
            return self.version()
        else:
            place = self.chance.choice([at for at, one in enumerate(paragraphs) if isinstance(one, str)])
            paragraphs[place] = self.prose()
        return Version(title=version.title, paragraphs=tuple(paragraphs))


def page(story: Story, version: Version, outlet: str, *, extra: str = "") -> str:
    """Return the article as a web page."""
    text = (one if isinstance(one, str) else one.paragraph() for one in version.paragraphs)
    paragraphs = "\n".join(f"<p>{escape(one, quote=False)}</p>" for one in text)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{version.title} | {outlet}</title>\n'
        f'<meta property="article:published_time" content="{story.published.isoformat()}"></head>\n'
        f'<body><nav><a href="/">Home</a></nav><article><h1>{version.title}</h1>\n{paragraphs}</article>\n'
        f"<footer>{outlet}</footer>{extra}</body></html>"
    )


def text_file(story: Story, version: Version) -> str:
    """Return the article as plain text."""
    return f"{version.title}\n\nPublished: {story.published.date().isoformat()}\n\n{version.text}\n"


def record(story: Story, version: Version) -> str:
    """Return the article as a line of JSON Lines."""
    key, value = story.known_by
    made = {key: value, "title": version.title, "published": story.published.date().isoformat(), "text": version.text}
    return json.dumps(made) + "\n"
