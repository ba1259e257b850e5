import json
from dataclasses import replace

import pytest

from searchkit.document import document_id, from_json, quote_id, to_json
from tests.samples import document


def test_json_round_trip() -> None:
    original = document(extra={"desk": ["a", 1]}, byline=("Ida Roth",), notes=("removed: x",))
    assert from_json(json.loads(json.dumps(to_json(original)))) == original


def test_quote_json_stands_alone() -> None:
    record = to_json(document())["quotes"][0]
    assert record["text"] == '"Meridian Optics ignored three warnings,"'
    assert (record["speaker"], record["role"], record["affiliation"]) == (
        "Nadia Korbel",
        "spokesperson",
        "Ostrava Trade Office",
    )
    assert record["about"] == ["Meridian Optics"]
    assert record["attribution"] == "Nadia Korbel"
    assert record["cue"] == "said"


def test_a_foreign_record_is_refused() -> None:
    with pytest.raises(KeyError):
        from_json({"text": "x"})


def test_document_ids_come_from_the_address() -> None:
    assert document_id("https://example.org/a") == document_id("https://example.org/a")
    assert document_id("https://example.org/a") != document_id("https://example.org/b")
    assert len(document_id("file:///\udcff")) == 12


def test_quote_ids_come_from_the_words() -> None:
    taken: dict[str, int] = {}
    first = quote_id("d", "“We oppose this,”", taken)
    assert quote_id("d", '"We  oppose this."', {}) == first
    assert quote_id("d", "“We oppose this,”", taken) == f"{first}-2"
    assert quote_id("other", "“We oppose this,”", {}) != first


def test_names_include_speakers_that_are_no_mention() -> None:
    original = document()
    assert replace(original, mentions=()).names() == {"person:nadia-korbel": "Nadia Korbel"}
