"""Names in invented reports from wars: armed groups, forces, ranks, and places that no list can hold."""

import json
import re
from pathlib import Path

import pytest

from tests.eval.newswire_names import find

REPORTS = json.loads(Path(__file__).with_name("conflict_reports.json").read_text(encoding="utf-8"))
_Typed = tuple[int, int, str]


def wanted(report: dict[str, list[str]], text: str) -> list[_Typed]:
    """Every occurrence of the names listed with a report, the longer name where two overlap."""
    found: list[_Typed] = []
    names = [(name, kind) for kind in ("PER", "ORG", "LOC") for name in report[kind]]
    for name, kind in sorted(names, key=lambda pair: -len(pair[0])):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            start, end = match.span()
            if not any(left < end and start < right for left, right, _ in found):
                found.append((start, end, kind))
    return sorted(found)


def overlaps(name: _Typed, others: list[_Typed]) -> bool:
    return any(name[0] < end and start < name[1] and name[2] == kind for start, end, kind in others)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report["kind"])
def test_names_of_a_report(report: dict[str, list[str]]) -> None:
    text = str(report["text"])
    found, names = find(text), wanted(report, text)
    false = [text[name[0] : name[1]] for name in found if not overlaps(name, names)]
    missed = [text[name[0] : name[1]] for name in names if not overlaps(name, found)]
    precision, recall = 1 - len(false) / len(found), 1 - len(missed) / len(names)
    assert 2 * precision * recall / (precision + recall) >= 0.9, (false, missed)
