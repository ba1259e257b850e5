"""Questions about statements: who said what about whom, with counts. Ours alone: no other engine knows statements."""

import json
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.measures.warm import middle_times
from benchmark.rivals.ours import Searchkit
from searchkit.index.base import FacetRequest

FACETS = (
    FacetRequest(field="speaker"),
    FacetRequest(field="about"),
    FacetRequest(field="agency"),
    FacetRequest(field="date", interval="month", size=5_000),
)
_WORD = re.compile(r"[a-z]{5,12}")
_ASKED = 120


def asked_of(sample: Path, *, seed: int = 7) -> list[tuple[str, str]]:
    """(kind, query): of a third each speaker and words, target and words, and all three; by name, each fourth by id."""
    chance, found = random.Random(seed), []
    said = [one for one in json.loads(sample.read_text(encoding="utf-8")) if _can_be_asked(one)]
    for number, one in enumerate(said[:_ASKED]):
        word = chance.choice(_WORD.findall(one["text"]))
        by_id = number % 4 == 3
        speaker = f'speaker:="{one["speaker"]}"' if by_id else f'speaker:"{one["speaker_name"]}"'
        about = f'about:="{one["about"]}"' if by_id else f'about:"{one["about_name"]}"'
        kind = ("speaker + words", "about + words", "speaker + about + words")[number % 3]
        parts = {"speaker": speaker, "about": about, "words": word}
        found.append((kind, " ".join(parts[part] for part in kind.split(" + "))))
    return found


def _can_be_asked(statement: dict[str, str]) -> bool:
    """Whether it has a word, and names that need no escaping."""
    return bool(_WORD.search(statement["text"])) and '"' not in statement["speaker_name"] + statement["about_name"]


def measure(rivals: Mapping[str, Any], queries: list[tuple[str, str]], rounds: int) -> dict[str, Any]:
    """By engine: ten statements with their words marked, the total, and counts of three fields and of months."""
    ours = {key: rival for key, rival in rivals.items() if isinstance(rival, Searchkit)}

    def ask(rival: Searchkit, query: tuple[str, str]) -> Any:
        return rival.asked(query[1], over="quote", facets=FACETS)

    return middle_times(ours, queries, rounds, ask, kind=lambda query: query[0])
