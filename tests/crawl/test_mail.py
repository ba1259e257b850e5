"""Mailboxes and messages taken apart."""

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest

from searchkit.crawl.base import FileOptions
from tests.crawl.reading import STORY, body_of, read_file, reasons, resources, uris
from tests.formats import docx, mail, message, zipped
from tests.limits import processor_time_below

FROM = b"From nadia@ledger.example Mon May 12 10:00:00 2025\n"


def with_attachments(**fields: str) -> EmailMessage:
    made = message(**fields)
    made.add_attachment(docx("Words."), maintype="application", subtype="octet-stream", filename="report.docx")
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Größe & Maß.pdf")
    made.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="jpeg", filename="logo.jpg")
    made.add_attachment("Words in a file.", filename="note.txt")
    return made


def test_messages_of_a_mailbox_are_named_by_their_id(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    second = mail("Second.\n\n>From the harbor nothing is heard.\n", message_id="<two@ledger.example>")
    third = mail("Third.\n", message_id=None)
    answers = read_file(path, FROM + mail() + b"\n" + FROM + second + b"\n" + FROM + third)
    first, *more = uris(answers)
    assert first == f"{path.as_uri()}#one@ledger.example"
    assert more[0] == f"{path.as_uri()}#two@ledger.example"
    assert len(more[1].partition("#")[2]) == 12
    assert body_of(answers[1]).endswith(b"\n\nFrom the harbor nothing is heard.\n\n")
    assert {resource.media_type for resource in resources(answers)} == {"message/rfc822"}


def test_a_sentence_that_begins_with_from_is_no_message(tmp_path: Path) -> None:
    text = b"Words.\n\nFrom Monday on the cranes stand still.\n\nFrom here one sees them.\n"
    [resource] = resources(read_file(tmp_path / "box.mbox", FROM + mail() + text))
    assert resource.body.endswith(text)


def test_messages_of_other_systems(tmp_path: Path) -> None:
    windows = (FROM + mail() + b"\n" + FROM + mail(message_id="<two@ledger.example>")).replace(b"\n", b"\r\n")
    assert len(uris(read_file(tmp_path / "box.mbox", windows))) == 2
    takeout = b"From 1797349879@xxx Mon May 12 10:00:00 +0000 2025\n"
    thunderbird = b"From - Mon May 12 10:00:00 2025\n"
    assert len(uris(read_file(tmp_path / "box.mbox", takeout + mail() + b"\n" + thunderbird + mail("Other.\n")))) == 2
    for bare in (b"From \n", b"From - \n", b"From -\r\n"):
        text = b"\nFrom \nhere one sees them.\n\n"
        box = bare + mail() + text + bare + mail("Other.\n")
        first, _ = resources(read_file(tmp_path / "box.mbox", box))
        assert b"From \nhere" in first.body


def test_attachments_are_documents_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    answers = read_file(path, with_attachments().as_bytes())
    base = path.as_uri()
    assert uris(answers) == [
        base,
        f"{base}#report.docx",
        f"{base}#Gr%C3%B6%C3%9Fe%20&%20Ma%C3%9F.pdf",
        f"{base}#note.txt",
    ]
    kinds = [resource.media_type.rpartition(".")[2] for resource in resources(answers)]
    assert kinds == ["message/rfc822", "document", "application/pdf", "text/plain"]
    assert body_of(answers[1]) == docx("Words.")
    assert body_of(answers[3]) == b"Words in a file.\n"


def test_attachments_in_a_mailbox_have_addresses_below_their_message(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    answers = read_file(path, FROM + with_attachments().as_bytes())
    assert uris(answers)[1] == f"{path.as_uri()}#one@ledger.example!/report.docx"


def test_a_message_in_a_message(tmp_path: Path) -> None:
    outer = message(message_id="<outer@ledger.example>")
    outer.add_attachment(with_attachments(message_id="<inner@ledger.example>"))
    base = (tmp_path / "a.eml").as_uri()
    answers = read_file(tmp_path / "a.eml", outer.as_bytes())
    assert uris(answers)[:3] == [base, f"{base}#inner@ledger.example", f"{base}#inner@ledger.example!/report.docx"]


def test_an_encoded_message_in_a_message(tmp_path: Path) -> None:
    inner = base64.encodebytes(mail("The harbor is closed.\n", message_id="<inner@ledger.example>"))
    outer = with_attachments().as_bytes().rsplit(b"\n--", 1)
    part = b"\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + inner
    boundary = outer[1].strip().removesuffix(b"--")
    body = outer[0] + b"\n--" + boundary + part + b"\n--" + boundary + b"--\n"
    *_, last = resources(read_file(tmp_path / "a.eml", b"\xef\xbb\xbf" + body))
    assert last.uri.endswith("#inner@ledger.example")
    assert b"The harbor is closed." in last.body


def test_messages_too_deep_in_each_other_are_refused(tmp_path: Path) -> None:
    inner = message(message_id="<n0@ledger.example>")
    for number in range(1, 9):
        outer = message(message_id=f"<n{number}@ledger.example>")
        outer.add_attachment(inner)
        inner = outer
    answers = read_file(tmp_path / "a.eml", inner.as_bytes())
    assert len(uris(answers)) == 6
    assert list(reasons(answers).values()) == ["nested too deep in other files"]


def test_archives_and_faulty_files_that_are_attached(tmp_path: Path) -> None:
    made = message()
    made.add_attachment(zipped({"a.txt": STORY}), maintype="application", subtype="zip", filename="a.zip")
    made.add_attachment(b"", maintype="application", subtype="pdf", filename="empty.pdf")
    made.add_attachment(b"\0\1" * 300, maintype="application", subtype="pdf", filename="b.pdf")
    made.add_attachment(b"<p>One page.</p>", maintype="application", subtype="pdf", filename="c.pdf")
    answers = read_file(tmp_path / "a.eml", made.as_bytes())
    base = (tmp_path / "a.eml").as_uri()
    assert reasons(answers) == {
        f"{base}#a.zip": "archive inside another file; not opened",
        f"{base}#empty.pdf": "is empty",
        f"{base}#b.pdf": "not of the type that its name or media type states",
    }
    assert resources(answers)[1].media_type == "text/html"


def test_a_name_is_no_path_and_is_shown_escaped(tmp_path: Path) -> None:
    made = message()
    for name in ("../../etc/a.txt", "C:\\Users\\b.txt", "c\x1b[2J.txt"):
        made.add_attachment(b"Words.", maintype="text", subtype="plain", filename=name)
    shown = [uri.partition("#")[2] for uri in uris(read_file(tmp_path / "a.eml", made.as_bytes()))[1:]]
    assert shown[:2] == ["a.txt", "b.txt"]
    assert "\x1b" not in shown[2]


def test_a_large_message_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    large = mail("word " * 20 + "\n", message_id="<large@ledger.example>") * 100
    body = FROM + large + b"\n" + FROM + mail()
    answers = read_file(path, body, options=FileOptions(max_bytes=10_000))
    assert uris(answers) == [f"{path.as_uri()}#one@ledger.example"]
    [reason] = reasons(answers).values()
    assert reason.startswith("message 1 is larger than 10 kB (")


def test_other_files_are_not_mailboxes(tmp_path: Path) -> None:
    assert list(reasons(read_file(tmp_path / "a.mbox", STORY.encode())).values()) == [
        "not of the type that its name or media type states"
    ]
    assert list(reasons(read_file(tmp_path / "a.mbox", b"\n\n")).values()) == ["is empty"]
    assert [r.media_type for r in resources(read_file(tmp_path / "b.mbox", mail()))] == ["message/rfc822"]


MIXED = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(3_000))
HOSTILE = {
    "nested": NESTED,
    "nested and long": NESTED[: len(NESTED) // 10] + b"\nx" * 5_000_000,
    "many parts": MIXED + b"Content-Type: text/csv\n\nx\n--b\n" * 100_000,
    "parameters": MIXED + b"Content-Type: application/pdf" + b"; a=b" * 1_000_000 + b"\n\nx\n--b--\n",
    "no colon": b"Subject\n" * 10,
    "odd fields": b'Message-ID: <>\nContent-Type: multipart/mixed; boundary=""\nX: =?x?q?=?=\n\n--\n--\n',
    "odd names": MIXED + b"Content-Type: application/pdf; name*0*=nowhere'x'%ff%fe; name*2=\"c\"\n"
    b"Content-Transfer-Encoding: base64\n\n!!!\n--b--\n",
    "odd charset": MIXED + b'Content-Type: text/plain; charset="\xff"\n'
    b'Content-Disposition: attachment; filename="=?nowhere?b?w4Q=?=.txt"\n\nWords.\n--b--\n',
    "long field": b"Message-ID: " + b"<" * 3_000_000 + b"\n\nWords.",
    "message of nothing": b"Content-Type: message/rfc822\n\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_have_an_outcome_in_time(tmp_path: Path, name: str) -> None:
    with processor_time_below(10):
        assert read_file(tmp_path / "a.eml", HOSTILE[name])


def forwarded(depth: int) -> bytes:
    """A message in a message in a message."""
    outer = b"".join(b"Subject: %d\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n" % n for n in range(depth))
    return outer + b"Subject: Cranes\nMessage-ID: <in@ledger.example>\n\nNadia Korbel said the cranes were sound.\n"


def test_a_message_that_is_nothing_but_another(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    assert uris(read_file(path, forwarded(1))) == [path.as_uri(), f"{path.as_uri()}#in@ledger.example"]


@pytest.mark.parametrize("depth", [20, 400, 2_000])
def test_messages_nested_too_deep_are_reported(tmp_path: Path, depth: int) -> None:
    (reason,) = reasons(read_file(tmp_path / "a.eml", forwarded(depth))).values()
    assert reason.startswith(("nested too deep in other files", "nested too deep"))
