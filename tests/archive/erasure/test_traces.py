"""In which forms a trace is found, and what is none."""

import html
import json
import random

import pytest

from searchkit.archive.erasure.traces import SHORTEST, Sought, Trace, of_document, stretches

ADDRESS = "https://ledger.example/2026/cranes?page=1&side=north"
TITLE = "“Cranes” stand still & rust"


def address(text: str = ADDRESS) -> Trace:
    return Trace(kind="address", document="0123456789ab", text=text)


def title(text: str = TITLE) -> Trace:
    return Trace(kind="title", document="0123456789ab", text=text)


@pytest.mark.parametrize("trace", [address(), title(), title("Краны стоят на месте"), title("起重机停在港口")])
def test_however_it_is_written_and_wherever_it_stands(trace: Trace) -> None:
    text = trace.text
    written = [
        text.encode(),
        text.upper().encode() if text.isascii() else text.encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        json.dumps({"text": text}).encode(),
        json.dumps({"text": text}, ensure_ascii=False).encode(),
        json.dumps(text).replace("/", "\\/").encode(),
        html.escape(text).encode(),
        text.casefold().encode(),
    ]
    wanted = Sought([trace])
    for form in written:
        for place in range(9):  # whatever the place, some window of eight bytes begins at a multiple of four
            assert wanted.within(b"\0" * place + form + b"\0" * 5, glued=True) == {0}, (form, place)
    assert not wanted.within(text[:-1].encode() + b" " + text[:-1].encode("utf-16-le"))


def test_an_address_is_found_escaped_as_addresses_are() -> None:
    wanted = Sought([address("https://ledger.example/größe und maß")])
    assert wanted.within(b'href="https://ledger.example/gr%C3%B6%C3%9Fe%20und%20ma%C3%9F"')
    assert wanted.within(b"next=https%3A%2F%2Fledger.example%2Fgr%C3%B6%C3%9Fe%20und%20ma%C3%9F")


def test_an_address_is_found_as_logs_have_it() -> None:
    wanted = Sought([address("https://desk:zqsesame@ledger.example/a?token=zqkey")])
    assert wanted.within(b'{"uri": "https://***@ledger.example/a?token=***"}')


def test_a_longer_address_is_another_one() -> None:
    wanted = Sought([address("file:///wire.jsonl#1")])
    for other in (b"file:///wire.jsonl#12 ", b"file:///wire.jsonl#1/2", b"file:///wire.jsonl#1-b"):
        assert not wanted.within(b"see " + other)
    for same in (
        b"file:///wire.jsonl#1",
        b"file:///wire.jsonl#1, and",
        b'"file:///wire.jsonl#1"',
        b"file:///wire.jsonl#1.",
    ):
        assert wanted.within(b"see " + same)
    assert wanted.within(b"file:///wire.jsonl#12 file:///wire.jsonl#1 ")


def test_where_values_stand_side_by_side_only_known_longer_addresses_are_others() -> None:
    wanted = Sought([address("file:///wire.jsonl#1")])
    digest = b"ab" * 32
    assert wanted.within(b"file:///wire.jsonl#1" + digest, glued=True)
    assert wanted.within(b"file:///wire.jsonl#12" + digest, glued=True), "nobody knows of #12 yet"
    assert not wanted.within(b"file:///wire.jsonl#12\n")
    assert not wanted.within(b"file:///wire.jsonl#12" + digest, glued=True)
    assert wanted.within(b"file:///wire.jsonl#1" + digest, glued=True)


def test_what_is_too_short_says_nothing_and_is_not_sought() -> None:
    wanted = Sought([title("Fine"), title("Ten letters"), title("Ten letters")])
    assert [trace.text for trace in wanted.traces] == ["Ten letters"]
    assert len("Ten letters") == SHORTEST
    assert not Sought([]).within(b"anything at all")


def test_many_at_once_find_what_one_at_a_time_does() -> None:
    chance = random.Random(11)
    words = ["crane", "pier", "quay", "rope", "tar", "salt", "wool"]
    texts = [" ".join(chance.choices(words, k=5)) for _ in range(300)]
    content = ("x" * chance.randrange(9)).join(chance.sample(texts, 40)).encode()
    every = Sought(title(text) for text in texts)
    assert {every.traces[number].text for number in every.within(content)} == {
        text for text in set(texts) if text.encode() in content
    }


def test_stretches_are_words_from_all_over_a_text() -> None:
    text = "\n".join(
        f'The crane number {"x" * (number + 2)} of the port, said "Nadia", stood still.' for number in range(28)
    )
    found = stretches(text)
    assert 8 <= len(found) <= 12
    assert all(one in text and "\n" not in one and '"' not in one for one in found)
    assert text.index(found[0]) < 100 < text.index(found[-1])
    assert stretches("起重机停在港口已经三天了\n没有人知道为什么会这样") == [
        "起重机停在港口已经三天了",
        "没有人知道为什么会这样",
    ]
    assert stretches("") == stretches("No.") == []


def test_the_traces_of_a_document() -> None:
    found = list(
        of_document("0123456789ab", addresses=[ADDRESS], titles=[TITLE], texts=["The crane stood still for days."])
    )
    assert [trace.kind for trace in found] == ["id", "address", "title", "words"]
    assert Sought(found).within(b"0123456789ab-deadbeef") == {0}
