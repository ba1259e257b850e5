"""Zip packages: limits, damage, safe XML."""

import io
import zipfile
from pathlib import Path

import pytest

from searchkit.errors import InputError
from searchkit.parse.package import Package, attribute, file_date, local, texts_of
from tests.formats import docx, epub, odt, zipped
from tests.limits import processor_time_below
from tests.parse.pages import TODAY, read

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"
KINDS = {DOCX: docx, ODT: odt, EPUB: epub}


def reason(body: bytes, kind: str) -> str:
    with pytest.raises(InputError) as caught:
        read(body, kind)
    return caught.value.message


def refused(members: dict[str, bytes | str], name: str = "a.xml") -> str:
    with pytest.raises(InputError) as caught:
        Package(zipped(members)).xml(name)
    return caught.value.message


@pytest.mark.parametrize("kind", KINDS)
def test_broken_files_have_a_reason(kind: str) -> None:
    whole = KINDS[kind]("Nadia Korbel said the cranes were sound.")
    for body in (whole[: len(whole) // 2], whole[:-5], whole[:60], b"PK\x03\x04", b"words", b""):
        assert reason(body, kind) == "damaged or truncated: its directory cannot be read"
    assert reason(zipped({"other.xml": "<a/>"}), kind).endswith(" is missing")
    assert (
        reason(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), kind)
        == "encrypted, or in the old binary format (.doc)"
    )
    assert reason(KINDS[kind](""), kind) == "has no text"


@pytest.mark.parametrize("kind", KINDS)
def test_damage_inside_has_a_reason(kind: str) -> None:
    names = {DOCX: "word/document.xml", ODT: "content.xml", EPUB: "META-INF/container.xml"}
    with zipfile.ZipFile(io.BytesIO(KINDS[kind]("Nadia Korbel said so."))) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    body = bytearray(zipped(members, zipfile.ZIP_STORED))
    at = body.find(members[names[kind]])  # type: ignore[arg-type]  # all are bytes here
    body[at + 5] ^= 0xFF
    assert reason(bytes(body), kind) == f"damaged: {names[kind]} cannot be read"
    assert reason(zipped({**members, names[kind]: "words"}), kind) == f"damaged: {names[kind]} is not XML"
    locked = bytearray(zipped(members))
    for at in range(len(locked) - 4):
        if locked[at : at + 4] == b"PK\x01\x02":
            locked[at + 8] |= 1
    assert reason(bytes(locked), kind) == "encrypted"


def test_bombs_are_refused_early() -> None:
    with processor_time_below(10):
        assert refused({"a.xml": b"<a>" + b" " * 50_000_000}) == "expands too much (a.xml)"
        assert refused({"a.xml": b"<a>" + b" " * 8_000_000}) == "expands too much (a.xml)"
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for number in range(10_001):
                archive.writestr(f"{number}", b"")
        with pytest.raises(InputError, match="contains more than 10,000 files"):
            Package(stream.getvalue())


def test_the_sum_of_all_members_is_limited() -> None:
    package = Package(zipped({f"{n}": bytes(30_000_000) for n in range(4)}, zipfile.ZIP_STORED))
    for number in range(3):
        assert len(package.read(str(number))) == 30_000_000
    with pytest.raises(InputError, match="expands too much"):
        package.read("3")


def test_a_lying_size_is_seen() -> None:
    body = bytearray(zipped({"a.xml": "<a>" + "b" * 500 + "</a>"}))
    at = body.find(b"PK\x01\x02")
    body[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(InputError, match="damaged"):
        Package(bytes(body)).xml("a.xml")


def test_entities_are_not_expanded_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("needle-in-secret")
    outside = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]><a>&b;</a>'
    assert refused({"a.xml": outside}) == "declares XML entities (a.xml), which are not supported"
    padded = "<!--" + "x" * 10_000 + "-->" + outside
    try:
        root = Package(zipped({"a.xml": padded})).xml("a.xml")
    except InputError:
        return
    assert "needle" not in "".join(root.itertext())


def test_broken_xml() -> None:
    package = Package(zipped({"a.xml": "<a><b>One</b><b>Two & three</b><b>Fo"}))
    assert list(texts_of(package.xml("a.xml"), "b"))[:1] == ["One"]
    assert package.notes == ["damaged: a.xml is broken XML, read as far as possible"]
    assert len(package.optional_xml("none.xml")) == 0
    package = Package(zipped({"a.xml": "words"}))
    assert len(package.optional_xml("a.xml")) == 0
    assert package.notes == ["a.xml ignored: damaged: a.xml is not XML"]


def test_hostile_xml() -> None:
    with processor_time_below(20):
        for body in ("<a>" * 500_000, "<a>" * 100_000 + "</a>" * 100_000, "<a " + 'b="c" ' * 200_000 + "/>"):
            for kind, name in ((DOCX, "word/document.xml"), (ODT, "content.xml"), (EPUB, "META-INF/container.xml")):
                assert reason(zipped({name: body}), kind)


def test_names_attributes_and_texts() -> None:
    root = Package(zipped({"a.xml": '<x:a xmlns:x="u" x:b=" 1 " c="2"><!-- n --><x:d> One </x:d><d/></x:a>'})).xml(
        "a.xml"
    )
    assert (local(root), attribute(root, "b"), attribute(root, "c"), attribute(root, "z")) == ("a", " 1 ", "2", "")
    assert local(root[0]) == ""
    assert list(texts_of(root, "d")) == ["One"]


def test_file_dates_are_guesses() -> None:
    made = file_date("2025-05-12T10:00:00Z", "docx", TODAY)
    assert made and (made.value, made.source, made.confidence) == ("2025-05-12T10:00:00+00:00", "docx", "low")
    assert file_date("2099-01-01", "docx", TODAY) is None
    assert file_date(None, "docx", TODAY) is None
