"""A file is there whole or not at all, and nobody's file is overwritten."""

import os
from pathlib import Path

import pytest

from searchkit.cli.output import written_to
from searchkit.errors import QueryError, UsageError


def put(path: Path | str, *lines: str, force: bool = False) -> None:
    with written_to(str(path), force=force) as write:
        for line in lines:
            write(line)


def test_a_file_is_written_in_utf_8(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "é 天 🏗️", "lone \ud800")
    assert (tmp_path / "a.txt").read_bytes() == "é 天 🏗️\nlone \\ud800\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_what_is_there_stays_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("mine")
    with pytest.raises(UsageError, match=r"already exists\. To replace it, use --force\."):
        put(path, "yours")
    assert path.read_text() == "mine"
    put(path, "yours", force=True)
    assert path.read_text() == "yours\n"


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(UsageError, match="already exists"), written_to(str(path)) as write:
        write("yours")
        path.write_text("mine")
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_nothing_is_left_of_what_was_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("mine")
    with (
        pytest.raises(QueryError),
        written_to(str(path), force=True) as write,
    ):
        write("half")
        raise QueryError("x", code="empty", query="", start=0, end=0)
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("mine")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with pytest.raises(UsageError, match="already exists"):
        put(tmp_path / "link.txt", "yours")
    put(tmp_path / "link.txt", "yours", force=True)
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "yours\n"


@pytest.mark.parametrize("force", [False, True])
def test_places_where_no_file_can_be(tmp_path: Path, force: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for place in (tmp_path, tmp_path / "pipe", "/dev/null", "/dev/full"):
        with pytest.raises(UsageError, match="is not a file"):
            put(place, "x", force=force)
    for place in (tmp_path / "none" / "a.txt", tmp_path / "loop", tmp_path / ("a" * 300), f"{tmp_path}/\0"):
        with pytest.raises(UsageError) as refused:
            put(place, "x", force=force)
        assert "\n" not in str(refused.value)
    reading, writing = os.pipe()  # as /dev/stdout in a pipeline: it has no name in any folder
    with pytest.raises(UsageError, match=rf"^/dev/fd/{writing} is not a file"):
        put(f"/dev/fd/{writing}", "x", force=force)
    os.close(reading)
    os.close(writing)
    assert Path("/dev/null").is_char_device()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loop", "pipe"]


def test_a_file_that_grows_too_large_is_told(tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.raises(UsageError, match="cannot be written: File too large"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        try:
            put(tmp_path / "a.txt", *["x" * 1000] * 100)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    put("-", "é 天", "b")
    assert capsys.readouterr().out == "é 天\nb\n"
