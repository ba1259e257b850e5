"""What is asked: the same questions for every engine, free of any engine's language."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

Form = Literal["all", "any", "phrase", "prefix", "fuzzy"]
KINDS: tuple[str, ...] = ("common", "rare", "and2", "and3", "or3", "phrase", "prefix", "fuzzy", "range", "kw")
FIELDS = ("agency", "entity", "speaker")
"""The fields that are counted; all have several values a document."""

# A range of days covers this part of the time that the documents span.
_RANGE = 0.1
# Names are chosen from the most frequent ones, words from the first documents.
_FREQUENT, _READ = 40, 5_000
_PAIR = re.compile(r"(?<![\w'-])([a-z]{4,12}) ([a-z]{4,12})(?![\w'-])")
_WORD = re.compile(r"[a-z]{5,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Words and how they are meant: `all` and `any` of them, a `phrase`, one `prefix`, one word but for one letter
    (`fuzzy`); perhaps within `days` (ordinals, first and last), perhaps with the `entity` of this id."""

    kind: str
    words: tuple[str, ...]
    form: Form
    days: tuple[int, int] | None = None
    entity: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> "Question":
        """What `to_json` made."""
        days = written["days"]
        return cls(**written | {"words": tuple(written["words"]), "days": tuple(days) if days else None})

    def in_searchkit(self) -> str:
        """In the query language of searchkit."""
        words = " ".join(self.words)
        query = {
            "all": words,
            "any": " OR ".join(self.words),
            "phrase": f'"{words}"',
            "prefix": f"{words}*",
            "fuzzy": f"{words}~1",
        }[self.form]
        if self.days:
            first, last = (date.fromordinal(day).isoformat() for day in self.days)
            query += f" date:{first}..{last}"
        if self.entity:
            query += f' entity:="{self.entity}"'
        return query


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What there is to ask about: the first and the last day (ordinals; both 0 where there is none), the ids of
    entities, most frequent first, and the texts of the first documents."""

    days: tuple[int, int]
    entities: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, records: Iterable[dict[str, Any]]) -> "Survey":
        """Look through records, which may be many: none is kept whole."""
        first, last, texts = 0, 0, list[str]()
        entities: Counter[str] = Counter()
        for record in records:
            entities.update(record["entity"])
            if record["day"]:
                first, last = min(first or record["day"], record["day"]), max(last, record["day"])
            if len(texts) < _READ:
                texts.append(record["body"])
        return cls(days=(first, last), entities=tuple(name for name, _ in entities.most_common()), texts=tuple(texts))

    def range(self, part: float) -> tuple[int, int] | None:
        """Days that begin `part` (0 to 1) of the way through the time of the documents; None when they have none."""
        first, last = self.days
        length = int((last - first) * _RANGE)
        start = first + int((last - first - length) * part)
        return (start, start + length) if last else None


def listed(path: Path, survey: Survey, *, each: int) -> list[Question]:
    """The questions of a file like ../shared/corpus/queries.json, the first `each` of every kind. Days and entities are
    those of the documents."""
    named = {name.partition(":")[2]: name for name in reversed(survey.entities)}
    found: list[Question] = []
    for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        kind = entry["kind"]
        if sum(question.kind == kind for question in found) >= each:
            continue
        forms: dict[str, Form] = {"or3": "any", "phrase": "phrase", "prefix": "prefix", "fuzzy": "fuzzy"}
        words = next(entry[key] for key in ("must", "should", "phrase", "prefix", "fuzzy") if key in entry)
        frequent = survey.entities[number % min(_FREQUENT, len(survey.entities))]
        found.append(
            Question(
                kind=kind,
                words=(words,) if isinstance(words, str) else tuple(words),
                form=forms.get(kind, "all"),
                days=survey.range(entry["r"]) if kind == "range" else None,
                entity=named.get(entry["kw"]["agency"], frequent) if kind == "kw" else "",
            )
        )
    return found


def chosen(survey: Survey, *, each: int, seed: int = 7) -> list[Question]:
    """Questions chosen from the words of the documents: `each` of every kind, always the same ones."""
    chance = random.Random(seed)
    texts = [_WORD.findall(text) for text in survey.texts]
    frequency = Counter(word for text in texts for word in set(text))
    words = sorted(frequency)  # a set has them in another order each time
    common = [word for word in words if 0.03 <= frequency[word] / len(texts) <= 0.25]
    rare = [word for word in words if 3 <= frequency[word] <= 20] or common
    common = common or rare
    found = []
    for _ in range(each):
        fuzzy = chance.choice(common)
        place = chance.randrange(1, len(fuzzy))
        forms: dict[str, tuple[Form, tuple[str, ...]]] = {
            "common": ("all", (chance.choice(common),)),
            "rare": ("all", (chance.choice(rare),)),
            "and2": ("all", tuple(chance.sample(common, 2))),
            "and3": ("all", tuple(chance.sample(common, 3))),
            "or3": ("any", tuple(chance.sample(common, 3))),
            "phrase": ("phrase", _adjacent(chance, survey.texts)),
            "prefix": ("prefix", (chance.choice(common)[:4],)),
            "fuzzy": ("fuzzy", (fuzzy[:place] + fuzzy[place + 1 :],)),
            "range": ("all", (chance.choice(common),)),
            "kw": ("all", (chance.choice(common),)),
        }
        for kind, (form, asked) in forms.items():
            days = survey.range(chance.random()) if kind == "range" else None
            entity = chance.choice(survey.entities[:_FREQUENT]) if kind == "kw" and survey.entities else ""
            found.append(Question(kind=kind, words=asked, form=form, days=days, entity=entity))
    return found


def _adjacent(chance: random.Random, texts: Sequence[str]) -> tuple[str, ...]:
    """Two words that stand side by side somewhere."""
    while True:
        pairs = _PAIR.findall(chance.choice(texts))
        if pairs:
            return tuple(chance.choice(pairs))
