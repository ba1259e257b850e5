"""What is asked: the same questions for every engine, free of any engine's language."""

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
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


def _range(days: Sequence[int], part: float) -> tuple[int, int]:
    """Days that begin `part` (0 to 1) of the way through the time of the documents."""
    first, last = min(days), max(days)
    length = int((last - first) * _RANGE)
    start = first + int((last - first - length) * part)
    return start, start + length


def listed(path: Path, records: Sequence[dict[str, Any]], *, each: int) -> list[Question]:
    """The questions of a file like ../shared/corpus/queries.json, the first `each` of every kind. Days and entities are
    those of the records."""
    days = [record["day"] for record in records if record["day"]]
    entities = Counter(entity for record in records for entity in record["entity"])
    often = [entity for entity, _ in entities.most_common(40)]
    named = {entity.partition(":")[2]: entity for entity, _ in reversed(entities.most_common())}
    found: list[Question] = []
    for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        kind = entry["kind"]
        if sum(question.kind == kind for question in found) >= each:
            continue
        forms: dict[str, Form] = {"or3": "any", "phrase": "phrase", "prefix": "prefix", "fuzzy": "fuzzy"}
        words = next(entry[key] for key in ("must", "should", "phrase", "prefix", "fuzzy") if key in entry)
        entity = named.get(entry["kw"]["agency"], often[number % len(often)]) if kind == "kw" else ""
        found.append(
            Question(
                kind=kind,
                words=(words,) if isinstance(words, str) else tuple(words),
                form=forms.get(kind, "all"),
                days=_range(days, entry["r"]) if kind == "range" and days else None,
                entity=entity,
            )
        )
    return found


def chosen(records: Sequence[dict[str, Any]], *, each: int, seed: int = 7) -> list[Question]:
    """Questions chosen from the words of the records: `each` of every kind, always the same ones."""
    chance = random.Random(seed)
    texts = [_WORD.findall(record["body"]) for record in records[:5_000]]
    frequency = Counter(word for text in texts for word in set(text))
    common = [word for word, count in frequency.items() if 0.03 <= count / len(texts) <= 0.25]
    rare = [word for word, count in frequency.items() if 3 <= count <= 20] or common
    common = common or rare
    days = [record["day"] for record in records if record["day"]]
    entities = [e for e, _ in Counter(e for record in records for e in record["entity"]).most_common(40)]
    found = []
    for _ in range(each):
        pair = tuple(_adjacent(chance, records))
        fuzzy = chance.choice(common)
        place = chance.randrange(1, len(fuzzy))
        forms: dict[str, tuple[Form, tuple[str, ...]]] = {
            "common": ("all", (chance.choice(common),)),
            "rare": ("all", (chance.choice(rare),)),
            "and2": ("all", tuple(chance.sample(common, 2))),
            "and3": ("all", tuple(chance.sample(common, 3))),
            "or3": ("any", tuple(chance.sample(common, 3))),
            "phrase": ("phrase", pair),
            "prefix": ("prefix", (chance.choice(common)[:4],)),
            "fuzzy": ("fuzzy", (fuzzy[:place] + fuzzy[place + 1 :],)),
            "range": ("all", (chance.choice(common),)),
            "kw": ("all", (chance.choice(common),)),
        }
        for kind, (form, words) in forms.items():
            in_time = _range(days, chance.random()) if kind == "range" and days else None
            entity = chance.choice(entities) if kind == "kw" and entities else ""
            found.append(Question(kind=kind, words=words, form=form, days=in_time, entity=entity))
    return found


def _adjacent(chance: random.Random, records: Sequence[dict[str, Any]]) -> list[str]:
    """Two words that stand side by side somewhere."""
    while True:
        pairs = re.findall(r"(?<![\w'-])([a-z]{4,12}) ([a-z]{4,12})(?![\w'-])", chance.choice(records)["body"])
        if pairs:
            return list(chance.choice(pairs))
