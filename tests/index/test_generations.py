"""Test generations: which is current, which are kept, and which damage is detected."""

import errno
import os
from pathlib import Path

import pytest

from searchkit.index import generations
from searchkit.index.generations import (
    CURRENT,
    MANIFEST,
    DamagedFile,
    NewGeneration,
    SecondWriter,
    adopt,
    check,
    current,
    kept,
    read_manifest,
)
from tests.samples import present


def write(folder: Path, applied: int, **files: str) -> Path:
    """The next generation of an index, with these files beside those it has."""
    with NewGeneration(folder, current(folder)) as generation:
        for name, text in files.items():
            (generation.path / name).unlink(missing_ok=True)
            (generation.path / name).write_text(text)
        generation.publish(applied=applied, versions={"form": 1}, engine={"rows": applied})
    return present(current(folder))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_generations_share_unchanged_files(tmp_path: Path) -> None:
    assert current(tmp_path) is None
    first = write(tmp_path, 1, a="one", b="two")
    second = write(tmp_path, 2, b="three")
    assert names(tmp_path) == [CURRENT, "gen-00000001", "gen-00000002"]
    assert [(first / name).read_text() for name in "ab"] == ["one", "two"]
    assert [(second / name).read_text() for name in "ab"] == ["one", "three"]
    assert (first / "a").stat().st_ino == (second / "a").stat().st_ino
    manifest = read_manifest(second)
    assert (manifest.applied, manifest.versions, manifest.engine) == (2, {"form": 1}, {"rows": 2})
    assert {name: size for name, (size, _) in manifest.files.items()} == {"a": 3, "b": 5}
    third = write(tmp_path, 3)
    assert names(tmp_path) == [CURRENT, second.name, third.name]
    assert kept(tmp_path) == [third, second]


def test_unpublished_generation_is_removed(tmp_path: Path) -> None:
    write(tmp_path, 1, a="one")
    with pytest.raises(KeyError), NewGeneration(tmp_path, current(tmp_path)) as generation:
        (generation.path / "b").write_text("two")
        raise KeyError
    assert names(tmp_path) == [CURRENT, "gen-00000001"]


def test_leftovers_of_dead_writers_are_removed(tmp_path: Path) -> None:
    write(tmp_path, 1, a="one")
    (tmp_path / "gen-00000002.tmp").mkdir()
    (tmp_path / "gen-00000002.tmp" / "half").write_text("")
    (tmp_path / "gen-00000007").mkdir()  # finished, and never pointed to
    (tmp_path / f"{CURRENT}.new").write_text("gen-0")
    (tmp_path / "documents_1.arrays").write_text("of an older layout")
    write(tmp_path, 2)
    assert names(tmp_path) == [CURRENT, "gen-00000001", "gen-00000008"]


def test_one_writer(tmp_path: Path) -> None:
    with NewGeneration(tmp_path, None), pytest.raises(SecondWriter, match="Another process"):
        NewGeneration(tmp_path, None)
    write(tmp_path, 1)


def test_rebuilt_index_is_adopted(tmp_path: Path) -> None:
    before = write(tmp_path, 7, a="old")
    built = tmp_path / generations.REBUILT
    write(built, 1, a="new")
    write(built, 2, b="newer")
    adopt(tmp_path, built)
    assert names(tmp_path) == [CURRENT, before.name, "gen-00000002"]
    now = present(current(tmp_path))
    assert (read_manifest(now).applied, (now / "a").read_text()) == (2, "new")
    adopt(tmp_path, tmp_path / "never built")
    assert current(tmp_path) == now


@pytest.mark.parametrize("name", ["a", MANIFEST])
def test_damage_is_seen(tmp_path: Path, name: str) -> None:
    generation = write(tmp_path, 1, a="one")
    check(generation, full=True)
    path, whole = generation / name, (generation / name).read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(DamagedFile):
        check(generation, full=False)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(DamagedFile):
        check(generation, full=True)
    path.unlink()
    with pytest.raises((DamagedFile, FileNotFoundError)):
        check(generation, full=False)


@pytest.mark.parametrize(
    "pointer",
    [b"", b"gen-00000001\n", b"gen-00000001 1c2d3e4f\n", b"gen-00000002 00000000\n", b"../../etc 1\n", b"\xff\xfe"],
)
def test_corrupt_pointer_is_detected(tmp_path: Path, pointer: bytes) -> None:
    write(tmp_path, 1)
    (tmp_path / CURRENT).write_bytes(pointer)
    with pytest.raises(DamagedFile):
        current(tmp_path)


def test_files_are_copied_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write(tmp_path, 1, a="one")

    def no_link(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)  # such a file system is not at hand
    second = write(tmp_path, 2)
    assert (second / "a").read_text() == "one"
    assert (first / "a").stat().st_ino != (second / "a").stat().st_ino
    check(second, full=True)


def test_drop_others(tmp_path: Path) -> None:
    write(tmp_path, 1, a="first")
    last = write(tmp_path, 2, a="second")
    (tmp_path / "gen-00000009.tmp").mkdir()
    (tmp_path / "state").write_text("of an older layout")
    with NewGeneration(tmp_path, last), pytest.raises(SecondWriter):
        generations.drop_others(tmp_path)
    generations.drop_others(tmp_path)
    assert names(tmp_path) == [CURRENT, last.name]
    check(last, full=True)
    generations.drop_others(tmp_path / "none")
