"""Questions, the same for every engine and independent of its query language."""

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
"""The fields that are counted; each has several values per document."""

_RANGE = 0.1  # share of the documents' time span in a range of days
_FREQUENT, _READ = 40, 5_000  # names to choose from, documents to take words from
_PAIR = re.compile(r"(?<![\w'-])([a-z]{4,12}) ([a-z]{4,12})(?![\w'-])")
_WORD = re.compile(r"[a-z]{5,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Words to match: `all` or `any` of them, a `phrase`, a `prefix`, or a `fuzzy` word with one wrong letter.

    `days` (ordinals, first and last) and `entity` (an id) are filters.
    """

    kind: str
    words: tuple[str, ...]
    form: Form
    days: tuple[int, int] | None = None
    entity: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> "Question":
        """Read what `to_json` returned."""
        days = written["days"]
        return cls(**written | {"words": tuple(written["words"]), "days": tuple(days) if days else None})

    def in_searchkit(self) -> str:
        """Return the question in searchkit's query language."""
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
    """What questions can use: the first and last day (ordinals, 0 for none), the ids of entities, most frequent first,
    and the texts of the first documents."""

    days: tuple[int, int]
    entities: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, records: Iterable[dict[str, Any]]) -> "Survey":
        """Survey records without keeping them."""
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
        """Return a range of days that starts `part` (0 to 1) of the way through; None if the documents have no days."""
        first, last = self.days
        length = int((last - first) * _RANGE)
        start = first + int((last - first - length) * part)
        return (start, start + length) if last else None


def listed(path: Path, survey: Survey, *, each: int) -> list[Question]:
    """Return the first `each` questions of every kind in a file, with days and entities of the documents."""
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
    """Choose `each` questions of every kind from the words of the documents, the same for each seed."""
    chance = random.Random(seed)
    texts = [_WORD.findall(text) for text in survey.texts]
    frequency = Counter(word for text in texts for word in set(text))
    words = sorted(frequency)  # sets are unordered
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
        for kind, (form, chosen_words) in forms.items():
            days = survey.range(chance.random()) if kind == "range" else None
            entity = chance.choice(survey.entities[:_FREQUENT]) if kind == "kw" and survey.entities else ""
            found.append(Question(kind=kind, words=chosen_words, form=form, days=days, entity=entity))
    return found


def _adjacent(chance: random.Random, texts: Sequence[str]) -> tuple[str, ...]:
    """Return two adjacent words of a text."""
    while True:
        pairs = _PAIR.findall(chance.choice(texts))
        if pairs:
            return tuple(chance.choice(pairs))
