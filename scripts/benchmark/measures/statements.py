"""Queries for statements with counts. Only searchkit has statements."""

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
_MAX_QUERIES = 120


def choose_queries(sample: Path, *, seed: int = 7) -> list[tuple[str, str]]:
    """Return pairs of kind and query, by speaker and words, by target and words, or by all; every fourth by id."""
    chance, found = random.Random(seed), []
    usable = [statement for statement in json.loads(sample.read_text(encoding="utf-8")) if _is_usable(statement)]
    for number, statement in enumerate(usable[:_MAX_QUERIES]):
        word = chance.choice(_WORD.findall(statement["text"]))
        by_id = number % 4 == 3
        speaker = f'speaker:="{statement["speaker"]}"' if by_id else f'speaker:"{statement["speaker_name"]}"'
        about = f'about:="{statement["about"]}"' if by_id else f'about:"{statement["about_name"]}"'
        kind = ("speaker + words", "about + words", "speaker + about + words")[number % 3]
        parts = {"speaker": speaker, "about": about, "words": word}
        found.append((kind, " ".join(parts[part] for part in kind.split(" + "))))
    return found


def _is_usable(statement: dict[str, str]) -> bool:
    """Return whether a statement has a word, and names without quotation marks."""
    return bool(_WORD.search(statement["text"])) and '"' not in statement["speaker_name"] + statement["about_name"]


def measure(rivals: Mapping[str, Any], queries: list[tuple[str, str]], rounds: int) -> dict[str, Any]:
    """Return times by engine: ten marked statements, the total, and counts of three fields and months."""
    ours = {key: rival for key, rival in rivals.items() if isinstance(rival, Searchkit)}

    def ask(rival: Searchkit, query: tuple[str, str]) -> Any:
        return rival.search(query[1], over="quote", facets=FACETS)

    return middle_times(ours, queries, rounds, ask, kind=lambda query: query[0])
