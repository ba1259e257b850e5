"""Evidence: what stands next to a name and tells its kind."""

import pytest

from searchkit.statements.names.evidence import Evidence
from searchkit.statements.names.runs import NameCandidate
from tests.cases import cases


def found(text: str, name: str) -> NameCandidate:
    start = text.index(name)
    return NameCandidate(start, start + len(name), "unknown", "lone", 0.35)


@pytest.mark.parametrize(("text", "kind", "rule"), cases(__file__, "test_each_kind_of_evidence"))
def test_each_kind_of_evidence(text: str, kind: str, rule: str) -> None:
    judged = Evidence(text).adjacent(found(text, "Korbel"))
    assert judged is not None
    assert (judged.kind, judged.rule) == (kind, rule)
    assert 0 < judged.confidence < 1


def test_the_form_of_a_word_is_evidence() -> None:
    for text, name, rule in (("then HCU left", "HCU", "acronym"), ("then the Velebits left", "Velebits", "plural")):
        judged = Evidence(text).adjacent(found(text, name))
        assert judged is not None and judged.rule == rule
    assert Evidence("we believe in HCU now").adjacent(found("we believe in HCU now", "HCU")) is None


@pytest.mark.parametrize("text", cases(__file__, "test_no_evidence"))
def test_no_evidence(text: str) -> None:
    assert Evidence(text).adjacent(found(text, "Korbel")) is None


def test_capitals_of_a_dateline_are_a_place() -> None:
    text = "KESTON, 14 Feb 2025 - The ministry said that KESTON left."
    judged = Evidence(text).adjacent(found(text, "KESTON"))
    assert judged is not None
    assert judged.kind == "place"
    later = Evidence("Talks: KESTON, the ministry said").adjacent(found("Talks: KESTON, the ministry said", "KESTON"))
    assert later is not None
    assert later.rule == "acronym"
