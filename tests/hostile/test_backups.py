"""A forged backup is refused in one line, or restored without harm; `scripts/hostile backups` runs more commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawl.web.site import Site
from tests.hostile import backups


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[backups.Newsroom]:
    with Site() as site:
        yield backups.newsroom(tmp_path_factory.mktemp("backups") / "made", site)


@pytest.mark.parametrize("name", backups.FORGERIES)
def test_forged_backups(made: backups.Newsroom, tmp_path: Path, name: str) -> None:
    _, _, faults = backups.judge(name, made, tmp_path / "forged", commands=("status", "update", "alerts run"))
    assert faults == []


def test_the_sound_backup_is_restored(made: backups.Newsroom, tmp_path: Path) -> None:
    assert backups.judge("", made, tmp_path / "sound")[0::2] == ("restored", [])
