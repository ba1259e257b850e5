"""Confidence numbers: one for every rule and resolution, and none that claims certainty."""

from typing import get_args

import pytest

from searchkit.statements import rules
from searchkit.statements.annotation import annotate
from searchkit.statements.document import Article, Resolution
from searchkit.statements.text import paragraphs
from tests.cases import cases


@pytest.mark.parametrize("resolved_by", get_args(Resolution))
def test_each_resolution_has_a_share_below_certainty(resolved_by: Resolution) -> None:
    assert 0 <= rules.resolution_confidence(resolved_by) < 1


def test_an_unresolved_speaker_has_no_confidence() -> None:
    assert rules.resolution_confidence("unresolved") == 0


def test_a_resolution_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        rules.resolution_confidence("by-dream")


def test_a_rule_without_a_number_counts_half() -> None:
    assert rules.rule_confidence("no-such-rule") == 0.5


@pytest.mark.parametrize(("text", "rule"), cases(__file__, "test_a_statement_carries_the_number_of_its_rule"))
def test_a_statement_carries_the_number_of_its_rule(text: str, rule: str) -> None:
    article = Article(uri="test:confidence", text=text, paragraphs=paragraphs(text), language="en")
    (found,) = annotate(article).quotes
    assert (found.rule, found.confidence) == (rule, rules.rule_confidence(rule))


def test_german_rules_have_their_own_numbers() -> None:
    assert rules.rule_confidence("before-cue", "de") < rules.rule_confidence("before-cue")
    assert rules.rule_confidence("inverted", "de") == rules.rule_confidence("inverted")


def test_a_condition_that_was_never_counted_has_the_share_of_its_resolution() -> None:
    whole = rules.resolution_confidence("pronoun", "no-such-condition")
    assert (
        rules.resolution_confidence("pronoun", "rival")
        < whole
        < rules.resolution_confidence("pronoun", "same paragraph")
    )
