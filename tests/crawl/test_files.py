import gzip
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from searchkit.crawl import files
from searchkit.crawl.base import FileOptions, Refused, UnreadFiles
from searchkit.crawl.files import is_gone
from searchkit.statements.document import Resource
from tests.cases import cases
from tests.crawl.reading import NOW, STORY, read, read_file, reason, resources, uris
from tests.formats import docx, mail, message, pdf, printed, zipped


def write(folder: Path, *names: str, text: str = STORY) -> Path:
    """Write files below `folder`; return the last."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return path


def found(answers: Sequence[Resource | Refused]) -> list[Resource]:
    assert all(isinstance(answer, Resource) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, Resource)]


def names(answers: Sequence[Resource | Refused]) -> list[str]:
    return [resource.uri.rsplit("/", 1)[1] for resource in found(answers)]


def test_a_file_is_one_resource(tmp_path: Path) -> None:
    write(tmp_path, "story.txt")
    [resource] = found(read(tmp_path / "story.txt"))
    assert resource.uri == (tmp_path / "story.txt").as_uri()
    assert resource.media_type == "text/plain"
    assert resource.body == STORY.encode()
    assert resource.fetched_at == NOW
    assert len(resource.digest) == 64


def test_a_folder_is_walked_in_order_and_in_depth(tmp_path: Path) -> None:
    write(tmp_path, *"b/z.txt b/a.md a.txt c.html photo.jpg .hidden.txt README.md b/readme.txt .git/x.txt".split())
    write(tmp_path, "b/.x/y.txt")
    assert names(read(tmp_path)) == ["a.txt", "a.md", "z.txt", "c.html"]


def test_file_addresses_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "two words #1.txt")
    assert found(read(path.as_uri()))[0].uri == path.as_uri()
    assert found(read(path.as_uri().replace("file://", "FILE://localhost")))[0].uri == path.as_uri()
    assert reason(read("file://elsewhere.example.org/a.txt")) == "is a file on another host"


def test_dots_in_a_path_do_not_make_another_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path, "a.txt")
    monkeypatch.chdir(tmp_path / "in")
    assert found(read("../a.txt", "./../in/../a.txt"))[0].uri == (tmp_path / "a.txt").as_uri()


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    try:
        with open(folder + b"/caf\xe9\n.txt", "wb") as file:  # noqa: PTH123  only open takes bytes
            file.write(STORY.encode())
    except OSError:
        pytest.skip("this file system requires UTF-8")
    [resource] = found(read(tmp_path))
    assert resource.uri.endswith("/caf%E9%0A.txt")
    assert found(read(resource.uri))[0].body == resource.body


def test_the_size_is_checked_before_reading(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert reason(read(tmp_path)) == "is larger than 20 MB (200 MB)"
    (tmp_path / "huge.txt").write_text(STORY)
    assert reason(read(tmp_path, options=FileOptions(max_bytes=10))) == f"is larger than 10 bytes ({len(STORY)} bytes)"


@pytest.mark.parametrize(
    ("location", "why"), [*cases(__file__, "test_locations_that_cannot_be_read"), ("x" * 5000, "path is too long")]
)
def test_locations_that_cannot_be_read(location: str, why: str) -> None:
    [refused] = read(location)
    assert refused == Refused(uri=location, reason=why)


def test_an_unsupported_type_is_refused_when_named(tmp_path: Path) -> None:
    (tmp_path / "slides.key").write_bytes(b"PK\x03\x04")
    assert reason(read(tmp_path / "slides.key")).startswith("unsupported file type (supported: .txt")
    assert read(tmp_path) == []


def test_json_is_read_as_text_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"words": "The crane stands still."}')
    (answer,) = resources(read(tmp_path / "a.json"))
    assert answer.media_type == "text/plain"
    assert read(tmp_path) == []


def test_what_a_walk_passes_over_is_counted(tmp_path: Path) -> None:
    """Everything but what the user excludes, in folders, zip archives and messages."""
    top = tmp_path / "top"
    (top / ".git").mkdir(parents=True)
    (top / "inner").mkdir()
    for name in ("a.txt", "b.JPG", "inner/c.jpg", "d.tar.gz", "Makefile", "README.md", ".hidden.txt", "inner/x.ppt"):
        (top / name).write_text(STORY)
    (tmp_path / "far.txt").write_text(STORY)
    (top / "out.txt").symlink_to(tmp_path / "far.txt")
    (top / "in.txt").symlink_to(top / "a.txt")
    os.mkfifo(top / "pipe.txt")
    for name in ("archive.json", "store.sqlite"):
        (top / "kept").mkdir(exist_ok=True)
        (top / "kept" / name).write_text("")
    (top / "z.zip").write_bytes(zipped({"in.txt": STORY.encode(), "in.png": b"PNG", ".x/y.txt": b"1"}))
    letter = message(STORY)
    letter.add_attachment(b"PNG", maintype="image", subtype="png", filename="map.png")
    letter.add_attachment(b"PNG", maintype="image", subtype="png")
    (top / "letter.eml").write_bytes(letter.as_bytes())
    unread = UnreadFiles()
    options = FileOptions(exclude=("*.ppt",), note_unread=unread.note)
    assert len(resources(read(top, options=options))) == 3
    expected = {".png": 3, ".jpg": 2, "hidden": 3, "README": 1, ".tar.gz": 1, "no extension": 1}
    expected |= {"link out of the folder": 1, "not a regular file": 1, "searchkit archive": 1}
    assert unread.counts == expected
    by_kind = {record.kind: record for record in unread.records()}
    assert by_kind[".jpg"].files == ((top / "b.JPG").as_uri(), (top / "inner/c.jpg").as_uri())
    for number in range(200):
        unread.note("file:///x", f".{number}")
    assert (len(unread.counts), unread.counts["other"]) == (101, 109)


@contextmanager
def _no_superuser() -> Iterator[None]:
    """The superuser may read everything, so become another user."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_permission_denied(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY)
    (tmp_path / "a.txt").chmod(0)
    with _no_superuser():
        assert reason(read(tmp_path / "a.txt")) == "permission denied"


def test_pipes_sockets_and_devices_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    assert read(tmp_path) == []
    assert reason(read(tmp_path / "pipe.txt")) == "is not a regular file"
    assert reason(read(tmp_path / "zero.txt")) == "is not a regular file"
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.bind(str(tmp_path / "s.txt"))
        except OSError:
            pytest.skip("the path is too long for a socket")
        assert reason(read(tmp_path / "s.txt")) == "is not a regular file"


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.txt", text="secret")
    inside = write(tmp_path, "inside/own.txt").parent
    (inside / "file.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (inside / "folder").symlink_to(tmp_path / "outside")
    (inside / "up").symlink_to("..")
    (inside / "dangling.txt").symlink_to("nowhere.txt")
    assert names(read(inside)) == ["own.txt"]


def test_loops_end_and_links_inside_are_not_read_twice(tmp_path: Path) -> None:
    write(tmp_path, "a/story.txt")
    (tmp_path / "a" / "loop").symlink_to("..")
    (tmp_path / "a" / "self").symlink_to("self")
    (tmp_path / "again.txt").symlink_to("a/story.txt")
    assert names(read(tmp_path)) == ["story.txt"]
    assert reason(read(tmp_path / "a" / "self")) == "is a link to itself"


def test_a_link_named_directly_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "real/a.txt")
    (tmp_path / "latest").symlink_to("real")
    (tmp_path / "one.txt").symlink_to("real/a.txt")
    assert found(read(tmp_path / "latest"))[0].uri == (tmp_path / "latest" / "a.txt").as_uri()
    assert found(read(tmp_path / "one.txt"))[0].uri == (tmp_path / "one.txt").as_uri()


def test_deep_folders_need_no_recursion(tmp_path: Path) -> None:
    write(tmp_path, "d/" * 300 + "a.txt")
    assert names(read(tmp_path)) == ["a.txt"]


def test_standard_input_of_records_is_json_lines() -> None:
    lines = b'{"text": "One.", "id": "n-1"}\n{"text": "Two."}\n{"text": 3}\n'
    first, second, third = read("-", stdin=lines)
    assert first.uri == "stdin:#n-1"
    assert isinstance(second, Resource)
    assert second.uri == f"stdin:{second.digest[:12]}"
    assert isinstance(third, Refused)
    assert (third.uri, third.reason) == ("stdin:", "line 3 has a text that is not a string")


def test_standard_input_may_be_empty_or_too_large() -> None:
    assert reason(read("-", stdin=b"")) == "is empty"
    assert reason(read("-", stdin=b"\n" * 50)) == "is empty"
    options = FileOptions(max_bytes=20)
    assert reason(read("-", stdin=b"word " * 10, options=options)) == "is larger than 20 bytes"
    assert reason(read("-", stdin=b"\n" * 50, options=options)) == "is larger than 20 bytes"


def test_addresses_that_are_read_completely(tmp_path: Path) -> None:
    folder = write(tmp_path, "a b/story.txt").parent
    (tmp_path / "link").symlink_to(folder)
    given = [
        str(tmp_path / "link"),
        folder.as_uri(),
        f"{folder}/",
        "-",
        "gopher://harbor.example/",
        "a\0b",
        "file://x/y",
    ]
    places = files.whole_addresses(given)
    assert places == ((tmp_path / "link").as_uri(), folder.as_uri())
    for place, location in zip(places, given, strict=False):
        (resource,) = found(read(location))
        assert resource.uri == f"{place}/story.txt"
    assert files.whole_addresses([str(tmp_path / "none")]) == ((tmp_path / "none").as_uri(),)


@pytest.mark.parametrize(
    ("include", "exclude", "expected"), cases(__file__, "test_files_that_patterns_exclude_are_not_expected")
)
def test_files_that_patterns_exclude_are_not_expected(
    include: tuple[str, ...], exclude: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    top = "file:///srv/cl%20ippings"
    options = FileOptions(include=include, exclude=exclude)
    places = ("a.txt", "deep/b.txt", "x.zip#c.txt", "box.mbox#1@ledger")
    assert {place for place in places if is_gone(f"{top}/{place}", top, False, options=options)} == set(expected)
    assert is_gone(f"{top}/a.txt", f"{top}/a.txt", False, options=options)  # what is named itself is given


def test_an_archive_inside_the_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Words.\n")
    inside = tmp_path / "index"
    inside.mkdir()
    (inside / "runs.jsonl").write_text('{"command": "index"}\n')
    (inside / "archive.json").write_text("{}")
    assert [answer.uri for answer in read(tmp_path)] == [
        (tmp_path / "a.txt").as_uri(),
        (inside / "runs.jsonl").as_uri(),
    ]
    (inside / "store.sqlite").write_bytes(b"")
    assert names(read(tmp_path)) == ["a.txt"]


BOX = b"From a@b.example Mon May 12 10:00:00 2025\n" + mail()


def chosen(folder: Path, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    options = FileOptions(include=include, exclude=exclude)
    return [uri.removeprefix(folder.as_uri() + "/") for uri in uris(read(folder, options=options))]


def test_patterns_choose_what_a_folder_holds(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "news/a.txt", "news/old/c.txt", "a.txt")
    assert chosen(tmp_path) == ["a.txt", "b.md", "news/a.txt", "news/old/c.txt"]
    assert chosen(tmp_path, include=("*.md",)) == ["b.md"]
    assert chosen(tmp_path, include=("news/*",)) == ["news/a.txt", "news/old/c.txt"]
    assert chosen(tmp_path, include=("a.txt", "?.md")) == ["a.txt", "b.md"]
    assert chosen(tmp_path, include=(f"{tmp_path}/news/*",)) == ["news/a.txt", "news/old/c.txt"]
    assert chosen(tmp_path, exclude=("*/old/*", "*.md")) == ["a.txt", "news/a.txt"]
    assert chosen(tmp_path, include=("news/*",), exclude=(f"{tmp_path}/*/old/*",)) == ["news/a.txt"]
    assert chosen(tmp_path, include=("none",)) == []
    assert len(read(tmp_path / "a.txt", options=FileOptions(exclude=("*",)))) == 1


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (pdf(printed("Words.")), ["application/pdf"]),
        (docx("Words."), ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]),
        (mail(), ["message/rfc822"]),
        (BOX + b"\n" + BOX, ["message/rfc822"] * 2),
        (zipped({"a.txt": STORY, "b.html": "<p>x</p>"}), ["text/plain", "text/html"]),
        (gzip.compress(STORY.encode()), ["text/plain"]),
    ],
)
def test_standard_input_may_be_anything(body: bytes, kinds: list[str]) -> None:
    answers = found(read("-", stdin=body))
    assert [resource.media_type for resource in answers] == kinds
    assert all(resource.uri.startswith("stdin:") for resource in answers)


def test_sizes_are_limited_whatever_the_type(tmp_path: Path) -> None:
    small = FileOptions(max_bytes=100)
    for name, body in (
        ("a.pdf", pdf(printed("Words."))),
        ("a.docx", docx("x")),
        ("a.eml", mail()),
        ("a.xml", b"<a/>" * 99),
    ):
        assert reason(read_file(tmp_path / name, body, options=small)).startswith("is larger than 100 bytes (")
