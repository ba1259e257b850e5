"""A malicious source does not delay others; `scripts/hostile sources` runs every kind."""

from pathlib import Path

import pytest

from tests.hostile import sources


@pytest.mark.parametrize(
    "name", ["tarpit", "pages that cost 20 s to parse", "endless sitemap index", "robots.txt with 100,000 sitemaps"]
)
def test_malicious_sources(tmp_path: Path, name: str) -> None:
    alone, _, _ = sources.stored_after(tmp_path / "alone", None)
    stored, ended, wrong = sources.stored_after(tmp_path / "with", sources.KINDS[name])
    assert wrong == []
    assert stored - alone < sources.DELAY_SECONDS
    assert ended < sources.END_SECONDS
