"""The annotated files are well formed: their words occur in their texts."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

HERE = Path(__file__).parent


def records(name: str) -> list[dict[str, Any]]:
    """Return the records of one annotated file."""
    return [msgspec.json.decode(line) for line in (HERE / f"{name}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("name", ["spread", "spread-closed"])
def test_the_quoted_words_occur_in_their_documents(name: str) -> None:
    for record in records(name):
        texts = {document["key"]: document["text"] for document in record["documents"]}
        groups = {quote["group"] for quote in record["quotes"]}
        assert groups.issuperset(record["conflicts"]), record["id"]
        for quote in record["quotes"]:
            assert quote["words"] in texts[quote["document"]], record["id"]
