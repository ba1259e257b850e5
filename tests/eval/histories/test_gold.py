"""The annotated files are well formed: their words occur in their texts."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

HERE = Path(__file__).parent


def records(name: str) -> list[dict[str, Any]]:
    """Return the records of one annotated file."""
    return [msgspec.json.decode(line) for line in (HERE / f"{name}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("name", ["no-comment", "no-comment-closed"])
def test_the_parties_and_clauses_occur_in_their_texts(name: str) -> None:
    for record in records(name):
        for expected in record["expected"]:
            for words in filter(None, expected.values()):
                assert words in record["text"], record["id"]


@pytest.mark.parametrize("name", ["spread", "spread-closed"])
def test_the_quoted_words_occur_in_their_documents(name: str) -> None:
    for record in records(name):
        texts = {document["key"]: document["text"] for document in record["documents"]}
        groups = {quote["group"] for quote in record["quotes"]}
        assert groups.issuperset(record["conflicts"]), record["id"]
        for quote in record["quotes"]:
            assert quote["words"] in texts[quote["document"]], record["id"]


@pytest.mark.parametrize("name", ["disputes", "disputes-closed"])
def test_the_claims_and_answers_occur_in_their_documents(name: str) -> None:
    for record in records(name):
        texts = {document["key"]: document["text"] for document in record["documents"]}
        for link in record["links"]:
            assert link["strength"] in {"strong", "medium"}, record["id"]
            accepted = [*link["accepted"]["claims"], *link["accepted"]["answers"]]
            for words in (link["claim"], link["answer"], *accepted):
                assert words["words"] in texts[words["document"]], record["id"]
