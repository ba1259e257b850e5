"""Stories for a simulated month: invented articles with known text and statements, and what becomes of their text.

All of it comes from one random generator: the same seed makes the same month.
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
# How an article is taken away, other than by a status: by redirects for good to what is another page, and by one that
# may pass, to a page that asks to log in.
FRONT_PAGE, ANOTHER_ARTICLE, LOGIN = "front page", "another article", "login"
WATCHED = "Nadia Korbel"
# Stands in one of five titles; the second alert asks for it.
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
    """What somebody says in a story; no two stories have the same words, unless one is a copy."""

    speaker: str
    words: str

    def paragraph(self) -> str:
        """As it stands in the article."""
        return f'"{self.words}," said {self.speaker}, {PEOPLE[self.speaker]}, in a hall beside the quay.'


class Version(Struct, frozen=True):
    """One state of an article: paragraphs are prose (text) or statements."""

    title: str
    paragraphs: tuple[str | Statement, ...]

    @property
    def text(self) -> str:
        """The text that an archive should have of it."""
        return "\n\n".join(one if isinstance(one, str) else one.paragraph() for one in self.paragraphs)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What is said in it, in order."""
        return tuple(one for one in self.paragraphs if isinstance(one, Statement))


class Story(Struct, eq=False):
    """An article at one address: its states so far, and which of them stands there now (None: it is not there)."""

    uri: str
    source: str
    published: datetime
    versions: list[Version]
    now: int | None = 0
    # The story that this one is a copy of, or itself: what is alike has the same family.
    family: str = ""
    changed_at: int = 0
    # When its newest version was written, which is what feeds tell.
    updated: datetime = datetime.min
    # What it was a copy of when it came: alerts tell of all these once.
    origin: str = ""
    # How the address answers beside its article; empty when it does.
    trouble: str = ""
    # Its text is only known in part: the page lies about itself.
    odd: str = ""
    ticks: bool = False
    taken_away_by: str = ""
    # Where it stands: a path on `host`, or a file. Of one that moved, where it stood before, the status that
    # leads from there to here as long as that address answers, and what lists call it.
    path: str = ""
    host: str = ""
    old_path: str = ""
    moved_by: int = 0
    listed: str = ""
    # Of one that is a line of a file, the key that makes it known (`uri` or `id`) and its value.
    known_by: tuple[str, str] = ("", "")

    @property
    def version(self) -> Version:
        """What stands there now, or stood there last."""
        return self.versions[-1]

    @property
    def may_be_back(self) -> bool:
        """Whether it was taken away in a way that may pass: by redirects of which not all are for good."""
        led_away = self.taken_away_by in {FRONT_PAGE, ANOTHER_ARTICLE}
        return self.taken_away_by == LOGIN or (led_away and self.moved_by == 302)

    @property
    def listed_uri(self) -> str:
        """The address that lists name."""
        return urljoin(self.uri, self.listed)

    def write(self, version: Version, now: datetime) -> None:
        """Let a new version stand there from now on."""
        self.versions.append(version)
        self.updated = now
        self.put_up()

    def put_up(self) -> None:
        """Let the newest version stand there. One that was there before, for an edit was taken back, is that one."""
        self.now = self.versions.index(self.versions[-1])


class Writer(Struct):
    """Writes stories and edits them."""

    chance: random.Random
    _said: set[str] = field(default_factory=set)

    def version(self, *, watched: bool = True) -> Version:
        """A new article with two or three statements; `watched`: its title may have the keyword."""
        word = KEYWORD if watched and self.chance.random() < 0.2 else self.chance.choice(_UNITS)
        where = " and ".join(self.chance.sample(_WORDS, 2))
        title = f"{self.chance.choice(_THINGS).capitalize()} of Velmar waits for {where}, a {word} and a decision"
        said = [self.statement(self.chance.choice(list(PEOPLE)), number) for number in range(self.chance.randint(2, 3))]
        paragraphs: list[str | Statement] = [self.prose() for _ in range(6)]
        for number, one in enumerate(said):
            paragraphs.insert(1 + 2 * number, one)
        return Version(title=title, paragraphs=tuple(paragraphs))

    def statement(self, speaker: str, template: int) -> Statement:
        """Words that nobody said before."""
        while True:
            lists = (_ACTIONS, _THINGS, _UNITS, _DONE)
            words = _TEMPLATES[template % len(_TEMPLATES)].format(*(self.chance.choice(one) for one in lists))
            words += f" by {self.chance.choice(_WORDS)} and {self.chance.choice(_WORDS)}"
            if words not in self._said:
                self._said.add(words)
                return Statement(speaker, words)

    def prose(self) -> str:
        """A paragraph in which nobody says anything."""
        goods = [" and ".join(self.chance.sample(_WORDS, 3)) for _ in range(3)]
        return (
            f"The barges carried {goods[0]} past the lock on the way north. Ships with {goods[1]} waited in the roads "
            f"until the tide turned. The stores beside the quay still hold {goods[2]} from last winter."
        )

    def edited(self, version: Version) -> Version:
        """Another state of an article: some prose is another, a statement came or went, or all was written anew."""
        kind = self.chance.choice(["prose", "prose", "more", "less", "anew"])
        paragraphs = list(version.paragraphs)
        if kind == "more" and len(version.statements) < 5:
            speaker = self.chance.choice(list(PEOPLE))
            paragraphs.insert(len(paragraphs) - 1, self.statement(speaker, len(version.statements)))
        elif kind == "less" and len(version.statements) > 1:
            paragraphs.remove(version.statements[-1])
        elif kind == "anew":
            return self.version()
        else:
            place = self.chance.choice([at for at, one in enumerate(paragraphs) if isinstance(one, str)])
            paragraphs[place] = self.prose()
        return Version(title=version.title, paragraphs=tuple(paragraphs))


def page(story: Story, version: Version, outlet: str, *, extra: str = "") -> str:
    """The article as a web page."""
    text = (one if isinstance(one, str) else one.paragraph() for one in version.paragraphs)
    paragraphs = "\n".join(f"<p>{escape(one, quote=False)}</p>" for one in text)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{version.title} | {outlet}</title>\n'
        f'<meta property="article:published_time" content="{story.published.isoformat()}"></head>\n'
        f'<body><nav><a href="/">Home</a></nav><article><h1>{version.title}</h1>\n{paragraphs}</article>\n'
        f"<footer>{outlet}</footer>{extra}</body></html>"
    )


def text_file(story: Story, version: Version) -> str:
    """The article as a file of plain text."""
    return f"{version.title}\n\nPublished: {story.published.date().isoformat()}\n\n{version.text}\n"


def record(story: Story, version: Version) -> str:
    """The article as a line of JSON Lines."""
    key, value = story.known_by
    made = {key: value, "title": version.title, "published": story.published.date().isoformat(), "text": version.text}
    return json.dumps(made) + "\n"


def odd_page(story: Story, version: Version, outlet: str) -> tuple[bytes, dict[str, str]]:
    """The article in a page that is hostile to parsers, and headers that lie about it."""
    made = page(story, version, outlet)
    match story.odd:
        case "nested":
            made = made.replace("<article>", "<article>" + "<div>" * 300).replace("</article>", "</div>" * 300)
        case "lies about its signs":
            made = made.replace("Velmar", "Vélmar")
            return made.encode(), {"Content-Type": "text/html; charset=iso-8859-1"}
        case "escapes":
            made = made.replace("Ships with", "Ships \x1b[2J\u202e with")
        case _:
            many = " ".join(f"data-{number}='x'" for number in range(20_000))
            made = made.replace("<article>", f"<article {many}>")
    return made.encode(), {}
