"""Statements recorded, articles changed, verdicts given."""

import gzip
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.base import FileOptions, new_resource
from searchkit.crawl.files import resources
from searchkit.crawl.web.captures import Captures
from searchkit.export.evidence.findings import VerdictRecord
from searchkit.export.evidence.reading import FIELDS, EvidenceFile, Recorded, field_words
from searchkit.export.evidence.verifying import Comparison
from searchkit.ingest import IngestOptions
from tests.archive.taken import CRANES, NOW, TEXT, WEATHER, take
from tests.cases import cases
from tests.export.evidence.test_form import written
from tests.samples import present

QUOTED = '"We counted the crates twice before we closed the gate,"'


def recorded(archive: Archive) -> list[Recorded]:
    """What evidence on everything in the archive says, read again."""
    body = "".join(f"{line}\n" for line in written(archive, copies=True)[1]).encode()
    return [line for line in EvidenceFile(io.BytesIO(body), "f").lines() if isinstance(line, Recorded)]


def verdicts(archive: Archive, evidence: list[Recorded]) -> list[VerdictRecord]:
    comparison = Comparison(archive, EvidenceFile(io.BytesIO(written(archive, "crates")[1][0].encode()), "f"))
    return [comparison.verdict(one)[0] for one in evidence]


@pytest.fixture
def evidence(archive: Archive) -> list[Recorded]:
    """Two statements, by Nadia Korbel and Igor Malt."""
    take(archive)
    return recorded(archive)


def test_nothing_changed(archive: Archive, evidence: list[Recorded]) -> None:
    take(archive, days=1)
    for found in verdicts(archive, evidence):
        assert (found.status, found.kept_in, found.remarks, found.capture) == ("same", 1, [], "not kept")
        assert found.is_as_recorded


@pytest.mark.parametrize(
    ("text", "status", "moved", "remarks"),
    [
        (f"Corrected on Thursday.\n\n{TEXT}", "moved", 24, ()),
        (f"{TEXT}\n\nA correction: the gate was closed.", "same", None, ("the article has changed elsewhere",)),
        (WEATHER, "changed", None, ("the date of publication is now: 2026-03-05, recorded as 2026-03-03",)),
    ],
)
def test_an_article_that_was_edited(
    archive: Archive, evidence: list[Recorded], text: str, status: str, moved: int | None, remarks: tuple[str, ...]
) -> None:
    published = {"published": "2026-03-05"} if status == "changed" else {}  # else it would be a shorter view
    take(archive, text, **published, days=1)
    for found in verdicts(archive, evidence):
        assert (found.status, found.revision, found.kept_in, tuple(found.remarks)) == (status, 2, 1, remarks)
        assert found.places == (() if moved is None else (found.recorded.start + moved,))
        assert found.nearest is None
        assert not found.is_as_recorded


def test_reworded_and_cut_out(archive: Archive, evidence: list[Recorded]) -> None:
    take(archive, TEXT.replace("crates twice", "crates once"), days=1)
    first, second = verdicts(archive, evidence)
    assert (first.status, first.kept_in) == ("changed", 1)
    assert first.nearest is not None
    assert first.nearest.text == QUOTED.replace("twice", "once")
    assert second.status == "moved"
    take(archive, TEXT.replace(QUOTED, ""), days=2)
    first, _ = verdicts(archive, evidence)
    assert first.nearest is not None
    assert (first.status, first.revision, first.nearest.text.strip(), first.kept_in) == ("changed", 3, "", 1)


def test_changed_and_changed_back(archive: Archive, evidence: list[Recorded]) -> None:
    take(archive, TEXT.replace("twice", "once"), days=1)
    take(archive, days=2)
    for found in verdicts(archive, evidence):
        assert (found.status, found.revision, found.kept_in, found.remarks) == ("same", 3, 3, [])


def test_another_title_and_outlet_of_moved_words_are_remarked(archive: Archive, evidence: list[Recorded]) -> None:
    take(archive, f"Corrected.\n\n{TEXT}", title="Cranes move", outlet="Atlas Wire", days=1)
    for found in verdicts(archive, evidence):
        assert (found.status, found.sentence) == ("moved", None)
        assert found.remarks == [
            "the title is now: Cranes move, recorded as Cranes stand still",
            "the outlet is now: Atlas Wire, recorded as Harbor Ledger",
        ]


DENIAL = "Agneta Rustholm denied that the company had paid the fine."


@pytest.mark.parametrize(("now", "remark"), cases(__file__, "test_words_that_are_said_otherwise_are_changed"))
@pytest.mark.parametrize("before", ["", "A correction.\n\n"])
def test_words_that_are_said_otherwise_are_changed(archive: Archive, before: str, now: str, remark: str) -> None:
    text = f"The works leaked oil last year.\n\n{DENIAL}\n\nIgor Malt said that the gate had been open all night."
    take(archive, text)
    evidence = recorded(archive)
    take(archive, before + text.replace(DENIAL, now), days=1)
    first, second = verdicts(archive, evidence)
    assert (first.status, first.sentence, first.kept_in) == ("changed", now, 1)
    assert remark in first.remarks
    assert (second.status in {"same", "moved"}, second.sentence) == (True, None)


def test_another_sentence_with_the_same_words_speaker_and_verb_is_shown(archive: Archive) -> None:
    text = f"The works leaked oil last year.\n\n{DENIAL}"
    take(archive, text)
    evidence = recorded(archive)
    take(archive, text.replace("Rustholm", "Rustholm, the owner,"), days=1)
    (found,) = verdicts(archive, evidence)
    assert (found.status, found.sentence) == ("moved", DENIAL.replace("Rustholm", "Rustholm, the owner,"))


def test_a_pronoun_that_means_somebody_else_now_makes_words_changed(archive: Archive) -> None:
    text = "Agneta Rustholm left early.\n\nShe said that the company had paid the fine."
    take(archive, text)
    evidence = recorded(archive)
    take(archive, text.replace("Agneta", "Maria"), days=1)
    (found,) = verdicts(archive, evidence)
    assert (found.status, found.sentence) == ("changed", None)
    assert "the speaker is now: Maria Rustholm, recorded as Agneta Rustholm" in found.remarks


def test_the_sentence_that_replaced_the_words_is_given(archive: Archive) -> None:
    take(archive, '"It leaks," Anna Holm said. The works closed. "It leaks," Igor Malt said.')
    evidence = recorded(archive)
    take(archive, '"It leaks badly," Anna Holm said. The works closed. "It leaks badly," Igor Malt said.', days=1)
    said = [(found.status, found.sentence) for found in verdicts(archive, evidence)]
    assert said == [("changed", f'"It leaks badly," {name} said.') for name in ("Anna Holm", "Igor Malt")]


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_that_is_not_as_recorded_is_remarked(archive: Archive, evidence: list[Recorded], name: str) -> None:
    first = evidence[0]
    now = field_words(first.value)
    assert now.keys() == FIELDS.keys()
    for then in ("7", ""):
        (found,) = verdicts(archive, [replace(first, value={**first.value, name: then})])
        expected = [f"the {FIELDS[name]} is now: {now[name] or 'none'}, recorded as {then or 'none'}"]
        assert (found.status, found.remarks) == ("same", expected if now[name] != then else [])


def test_no_statement_any_more_is_remarked(archive: Archive, evidence: list[Recorded]) -> None:
    (found,) = verdicts(archive, [replace(evidence[0], text=TEXT[1:20], start=1, end=20)])
    assert (found.status, found.remarks[0]) == ("same", "these words are no longer a statement of their own")


def test_words_put_into_a_file_are_not_the_archive_s_change(archive: Archive, evidence: list[Recorded]) -> None:
    first = evidence[0]
    forged = replace(first, text=first.text.replace("twice", "never"))
    (found,) = verdicts(archive, [forged])
    assert (found.status, found.kept_in) == ("changed", None)
    assert "the file was modified" in found.remarks[0]
    take(archive, TEXT.replace("Friday", "Thursday"), days=1)
    (found,) = verdicts(archive, [replace(forged, end=forged.end + 1)])
    assert found.status == "changed"
    assert "these words do not fit their recorded place: the file was modified" in found.remarks


def test_an_unknown_document_is_missing(archive: Archive, evidence: list[Recorded]) -> None:
    first = evidence[0]
    (found,) = verdicts(archive, [replace(first, document="0" * 12, uri="https://ledger.example/none")])
    assert (found.status, found.revision, found.gone_at, found.kept_in) == ("missing", None, None, None)


def test_a_file_that_left_its_folder_is_gone_and_kept(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "cranes.txt").write_text(f"Cranes stand still\n\n{TEXT}")
    (folder / "other.txt").write_text("A quiet day\n\nNothing of note was said in the harbor town on this long day.\n")

    def index(days: int) -> None:
        now = NOW + timedelta(days=days)
        found = resources([str(folder)], FileOptions(), now=now)
        list(archive.ingest(found, options=IngestOptions(workers=1), now=now, complete_locations=[folder.as_uri()]))

    index(0)
    evidence = recorded(archive)
    (folder / "cranes.txt").unlink()
    index(1)
    for found in verdicts(archive, evidence):
        assert (found.status, (found.gone_at or "")[:10], found.revision, found.kept_in) == ("gone", "2026-03-05", 1, 1)


def test_a_document_is_gone_even_if_another_one_at_its_address_has_its_words(archive: Archive) -> None:
    """The page at this address shows the latest article, which has an address of its own."""
    before = take(archive, url="https://ledger.example/2025/cranes")
    evidence = recorded(archive)
    other = "".join(f"Berth {number} held {number * 7} barges with gravel for pier {number}. " for number in range(90))
    take(archive, f"{other}\n\n{TEXT}", url="https://ledger.example/2026/cranes", days=1)
    gone = present(archive.get(before.id))
    assert gone.gone_at
    for found in verdicts(archive, evidence):
        assert (found.status, found.places, found.document) == ("gone", (), before.id)
        (remark,) = found.remarks
        assert remark.startswith("its address now has document ")
        assert remark.endswith(", which has these words too")
        assert found.kept_in == 1
    later = {"url": "https://ledger.example/2026/cranes", "published": "2026-03-05"}
    take(archive, " ".join(8 * [WEATHER]), **later, days=2)
    for found in verdicts(archive, evidence):
        assert (found.status, found.kept_in, len(found.remarks)) == ("gone", 1, 1)
        assert "these words" not in found.remarks[0]


def test_identical_words_keep_their_places(archive: Archive) -> None:
    text = (
        'Was the gate open? "It was open all of the night," said Nadia Korbel.\n\n'
        'Did anybody see the crates? "It was open all of the night," said Igor Malt.'
    )
    take(archive, text)
    evidence = recorded(archive)
    assert len(evidence) == 2
    take(archive, f"Corrected.\n\n{text}", days=1)
    for found in verdicts(archive, evidence):
        assert (found.status, found.places) == ("moved", (found.recorded.start + 12,))


SAID = '"We have not paid a single crown to anybody," said Nadia Korbel.'


@pytest.mark.parametrize(
    "lookalike",
    [
        # The same words, by the same speaker, elsewhere; and similar words.
        f"At noon in the assembly hall: {SAID} The hall was full.",
        '"We have not paid a single euro to anybody," said Nadia Korbel at noon, in the assembly hall.',
    ],
)
def test_words_that_were_cut_out_are_gone_although_others_like_them_are_left(archive: Archive, lookalike: str) -> None:
    text = f"{SAID}\n\nThe cranes stood still all day.\n\n{lookalike}"
    take(archive, text)
    evidence = recorded(archive)
    for days, now in enumerate((text.replace(f"{SAID}\n\n", "", 1), f"A correction.\n\n{lookalike}"), 1):
        take(archive, now, days=days)
        first, second = verdicts(archive, evidence)
        assert (first.status, first.places, first.nearest, first.kept_in) == ("changed", (), None, 1)
        assert "no longer in revision" in first.summary
        assert second.status == "moved"
    # Both are there, elsewhere: each is itself.
    take(archive, f"A correction.\n\n{text}", days=3)
    assert [(found.status, len(found.places)) for found in verdicts(archive, evidence)] == [("moved", 1)] * 2


@pytest.mark.parametrize(
    "words", ["Ne\u0301ni to pravda, 🏗️ věřte mi", "הם אמרו שלום לכולם", "我们数了两遍箱子，没有错"]
)
def test_words_of_every_script(archive: Archive, words: str) -> None:
    text = f"The port of Velmar.\n\n“{words},” said Nadia Korbel on Monday, and left."
    take(archive, text)
    evidence = recorded(archive)
    assert len(evidence) == 1
    assert [found.status for found in verdicts(archive, evidence)] == ["same"]
    take(archive, f"🏗️ {text}", days=1)
    assert [found.status for found in verdicts(archive, evidence)] == ["moved"]


def test_the_bytes_it_was_read_from_are_checked(archive: Archive) -> None:
    body = json.dumps(
        {"uri": CRANES, "title": "Cranes stand still", "published": "2026-03-03", "language": "en", "text": TEXT}
    ).encode()
    digest = Captures(archive.folder / "captures").keep(body)
    capture = archive.folder / "captures" / digest[:2] / f"{digest}.gz"
    made = new_resource(CRANES, body, media_type="application/x-searchkit-record", now=NOW)
    list(archive.ingest([made], options=IngestOptions(workers=1), now=NOW))
    evidence = recorded(archive)
    assert [found.capture for found in verdicts(archive, evidence)] == ["intact", "intact"]
    for damage in (gzip.compress(b"other"), capture.read_bytes()[:-9], b"", b"no gzip"):
        capture.write_bytes(damage)
        for found in verdicts(archive, evidence):
            assert (found.status, found.capture, found.is_as_recorded) == ("same", "damaged", False)
    capture.unlink()
    assert {found.capture for found in verdicts(archive, evidence)} == {"missing"}
