"""The analysis of the cluster leaves our words as they are."""

from itertools import pairwise
from pathlib import Path

import pytest

from searchkit.cluster.opensearch.searcher import OpenSearchIndex
from searchkit.index.analysis import stems, words
from tests.cluster.shared import shared
from tests.conftest import SEEDS
from tests.index.random_archives import WORDS
from tests.index.records import document, fill

pytestmark = pytest.mark.cluster
_HOSTILE = [
    "U.S.'s don’t fox-it O'Brien J.R.'s café Łódź Søren ﬁn ＡＢ",
    "天地玄黄 かな カナ ｶﾞ",
    "a\u0301\u0302\u200bb\u00adc \ud7ff\ue000 𝒳𝒴 İıßẞ",
    "x" * 700,
    "١٢٣ नमस्ते ราคา שָׁלוֹם العَرَبِيَّة",
]


def test_tokens_are_our_words_in_their_places(tmp_path: Path) -> None:
    texts = [
        line for path in sorted(SEEDS.glob("*.*")) for line in path.read_text("utf-8").splitlines() if line.strip()
    ]
    texts = [*_HOSTILE, *WORDS, *texts][:500]
    assert len(texts) == 500
    cluster = shared(1)
    index = OpenSearchIndex(tmp_path, uri=cluster.engine("analysis"))
    fill(index, document({"id": "d", "text": "x"}))
    for form, analyzed in (("body__words", words), ("text__stems", lambda text: stems(words(text)))):
        given = [" ".join(analyzed(text)) for text in texts]
        body = {"field": form, "text": given}
        found = cluster.request("POST", "/analysis-documents/_analyze", body)["tokens"]
        expected = [token for text in texts for token in analyzed(text)]
        assert [token["token"] for token in found] == expected
        at = [token["position"] for token in found]
        assert at == sorted(set(at))
        assert all((after - before - 1) % 10_000 == 0 for before, after in pairwise(at)), "no gap in a text"
    index.close()
