from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.cluster.opensearch.client import Client, Credentials, location
from searchkit.cluster.opensearch.records import (
    SEPARATOR,
    joined,
    key_of,
    label_of,
    parts_of,
    records_of,
    safe,
    unsafe,
    written_label,
)
from searchkit.cluster.opensearch.snapshot import Snapshot
from searchkit.errors import UsageError
from searchkit.index.base import without_store
from searchkit.index.values import label
from searchkit.query.parser import parse
from searchkit.statements.document import BEGINNING
from tests.index.records import document

hostile = st.text(st.sampled_from("ab \ud800\udfff\x1f\x7f\U0010ffff\x00é"), max_size=6)


@given(hostile, hostile)
def test_texts_are_kept_and_stay_different(one: str, other: str) -> None:
    assert unsafe(safe(one)) == one
    assert SEPARATOR not in safe(one)
    assert (safe(one) == safe(other)) == (one == other)
    safe(one).encode("utf-8")


@given(st.lists(hostile, min_size=1, max_size=3))
def test_joined_strings_come_apart(parts: list[str]) -> None:
    assert parts_of(joined(*parts)) == parts


def test_long_values_keep_their_beginning_and_stay_different() -> None:
    one, other = safe("x" * 9_000), safe("x" * 9_000 + "y")
    assert one != other
    assert one.startswith("x" * 2_400)
    assert len(joined("x" * 9_000, "y" * 9_000, "z" * 9_000).encode()) < 32_766


@pytest.mark.parametrize("record_id", ["", "a" * 600, "\ud800", "é" * 300])
def test_ids_of_the_index_are_valid(record_id: str) -> None:
    assert 0 < len(key_of(record_id).encode()) <= 512


@given(hostile, hostile)
def test_labels_are_kept(value_id: str, name: str) -> None:
    assert label_of(written_label(label(value_id, name))) == label(value_id, name)


@pytest.mark.parametrize(
    ("value_id", "name", "kept"), [("say", "say", "say"), ("ap", "AP", "ap|AP"), ("AP", "AP", "ap|AP|AP")]
)
def test_labels_repeat_nothing(value_id: str, name: str, kept: str) -> None:
    assert written_label(label(value_id, name)) == kept.replace("|", SEPARATOR)


def test_stems_that_are_words_are_written_once() -> None:
    ((_, record),) = records_of(document({"id": "d", "title": "Ships", "text": "The ship waits. Ships wait."}))
    assert record["body__words"] == ["the ship waits ships wait"]
    assert record["body__stems"] == ["wait", "ship"]
    assert record["text__stems"] == ["ship", "ship", "the ship wait ship wait"]


@pytest.mark.parametrize("query", ["speaker:/.*bank.*/", "lang:/e.*/", '"old list"~2 NEAR/3 aske'])
def test_what_opensearch_cannot_look_for_is_refused(query: str) -> None:
    client = Client(location("opensearch:http://localhost:9200/news"), Credentials())
    translator = Snapshot(client, {}, BEGINNING, without_store).translator("quote")
    with pytest.raises(UsageError, match="An index in OpenSearch cannot look for"):
        translator.query(parse(query, today=date(2026, 3, 4), record="quote").tree)
