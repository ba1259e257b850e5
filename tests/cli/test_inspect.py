"""What searchkit understands of a document, without an archive."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.cases import cases
from tests.cli.conftest import Command
from tests.cli.harbor import ARTICLES

STORY = 'Cranes stand still\n\n"We counted the crates twice," said Nadia Korbel, spokesperson for the port office.\n'


def typed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Let `content` stand on standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    return path


def test_a_document_for_people(searchkit: Command, story: Path) -> None:
    done = searchkit("inspect", str(story))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Cranes stand still\n")
    assert '[1: "We counted the crates twice,"] said <Nadia Korbel>' in done.out
    assert story.as_uri() in done.out


def test_a_blank_line_stands_between_two(searchkit: Command, story: Path, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("Another day\n\nNothing of note was said in the harbor town on this day.\n")

    def shown(*paths: Path) -> str:
        return re.sub(r"first seen \S+", "", searchkit("inspect", *map(str, paths)).out)

    one, other = shown(story), shown(tmp_path / "other.txt")
    assert shown(story, tmp_path / "other.txt") == f"{one}\n{other}"
    assert shown(tmp_path) == f"{other}\n{one}"


def test_json_of_one_is_indented_and_of_more_one_a_line(searchkit: Command, story: Path, tmp_path: Path) -> None:
    alone = searchkit("inspect", "--json", str(story)).out
    record = json.loads(alone)
    assert record["schema"] == "searchkit.inspect/1"
    assert [quote["speaker"] for quote in record["statements"]] == ["Nadia Korbel"]
    assert alone.count("\n") > 20
    (tmp_path / "other.txt").write_text("Another day\n\nNothing of note was said in the harbor town on this day.\n")
    lines = searchkit("inspect", "--json", str(story), str(tmp_path / "other.txt")).out.splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["Cranes stand still", "Another day"]


def test_standard_input(searchkit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, STORY.encode())
    done = searchkit("inspect", "-")
    assert done.code == 0
    assert "stdin:" in done.out
    assert "Nadia Korbel" in done.out


def test_what_cannot_be_read_is_told_beside_the_rest(searchkit: Command, story: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    done = searchkit("inspect", str(tmp_path / "empty.txt"), str(tmp_path / "none\x1b.txt"), str(story))
    assert done.code == 4
    assert done.out.startswith("Cranes stand still\n")
    first, second = done.err.splitlines()
    assert first == f"failed: {(tmp_path / 'empty.txt').as_uri()}: is empty"
    assert second.endswith("none\\x1b.txt: no such file or folder")


def test_json_lines_keep_ids_of_any_kind(searchkit: Command, tmp_path: Path) -> None:
    path = tmp_path / "records"
    ids: list[object] = ["a-1", 7, None, ["x"], "\x1b"]
    path.write_text("\n".join(json.dumps({"id": number, "text": STORY}) for number in ids))
    done = searchkit("inspect", "--jsonl", str(path))
    assert done.code == 0
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["id"] for record in records] == ids
    assert all(record["text"] == STORY.rstrip() for record in records)


def test_a_broken_line_is_told_with_its_file(searchkit: Command, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"text": "A boat sank."}\n{"text": 5}\n')
    done = searchkit("inspect", "--jsonl", str(path))
    assert done.err == f"failed: {path.as_uri()}: line 2 has a text that is not a string\n"


def test_json_lines_on_standard_input(searchkit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.dumps(article | {"id": number}) for number, article in enumerate(ARTICLES)]
    lines.insert(1, '{"text": 5}')
    typed(monkeypatch, "\n".join(lines).encode())
    done = searchkit("inspect", "--jsonl")
    assert done.code == 4
    assert "line 2 has a text that is not a string" in done.err
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["id"] for record in records] == [0, 1, 2]
    for record in records:
        assert [quote["text"] for quote in record["statements"]] == [
            record["text"][quote["start"] : quote["end"]] for quote in record["statements"]
        ]
    assert [record["outlet"] for record in records] == [article["outlet"] for article in ARTICLES]


TALK = (
    "Talk\n\nMr. Igor Malt said the quay is closed. “It is old,” Ms. Vera Lind said.\n\n"
    "Malt had opened the talks. “It is wet,” she said.\n"
)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "talk.txt"
    path.write_text(TALK)
    return path


def test_explain_tells_rules_antecedents_and_who_was_passed_over(searchkit: Command, talk: Path) -> None:
    lines = [line.strip() for line in searchkit("inspect", "--explain", str(talk)).out.splitlines()]
    at = next(number for number, line in enumerate(lines) if line.startswith("3. "))
    words, speaker, rejected = lines[at + 2 : at + 5]
    assert words.startswith("words: before-cue (0.")
    assert words.endswith('by the cue "said"')
    assert speaker.startswith('speaker: "she", pronoun (0.')
    assert speaker.endswith('others are who may be meant, "Vera Lind"')
    assert rejected == "not Igor Malt: gender differs"
    assert not any(line.startswith(("words:", "not ")) for line in searchkit("inspect", str(talk)).out.splitlines())


def test_explain_of_words_without_a_cue(searchkit: Command, tmp_path: Path) -> None:
    path = tmp_path / "quoted.txt"
    path.write_text("Quoted\n\n“Nobody knows who it was that said this.”\n")
    out = searchkit("inspect", "--explain", str(path)).out
    assert "without a cue" in out
    assert "speaker: no attribution, not resolved" in out


def test_explain_tells_what_made_no_statement(searchkit: Command, tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("Talk\n\nVera Lind did not say. The “smart” quay is old. She asked a guard.\n")
    out = searchkit("inspect", "--explain", str(path)).out
    result = [line.strip() for line in out.partition("Not statements\n")[2].splitlines()[:3]]
    assert result == [
        "say  at 18: no reported words found",
        "“smart”  at 27: a term: fewer than four words and no cue",
        'asked  at 52: reports only with "that", a colon or a quotation',
    ]
    record = json.loads(searchkit("inspect", "--json", "--explain", str(path)).out)
    assert [(item["text"], record["text"][item["start"] : item["end"]]) for item in record["unreported"]] == [
        (word, word) for word in ("say", "“smart”", "asked")
    ]
    assert "unreported" not in json.loads(searchkit("inspect", "--json", str(path)).out)


def test_an_interrupted_statement_is_one_record(searchkit: Command, tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("Talk\n\nIf the pumps stop, Vera Lind warned, the quay will be closed.\n")
    record = json.loads(searchkit("inspect", "--json", str(path)).out)
    (said,) = record["statements"]
    assert said["text"] == "If the pumps stop … the quay will be closed"
    assert [record["text"][start:end] for start, end in said["parts"]] == [
        "If the pumps stop",
        "the quay will be closed",
    ]
    assert record["text"][said["start"] : said["end"]].endswith("Vera Lind warned, the quay will be closed")
    searchkit("index", str(path), archive=(archive := tmp_path / "archive"))
    (hit,) = json.loads(searchkit("statements", "closed", "--json", archive=archive).out)["items"]
    ((start, end),) = hit["marks"]
    assert hit["text"][start:end] == "closed"
    (row,) = csv.DictReader(searchkit("export", "-f", "csv", archive=archive).out.splitlines())
    assert row["text"] == said["text"]


def test_explain_shows_phrases_and_patterns(searchkit: Command, tmp_path: Path) -> None:
    path = tmp_path / "town.txt"
    path.write_text("Town\n\nVera Lind told a town hall in Selden on Monday that the quay is old. It rained.\n")
    out = searchkit("inspect", "--explain", str(path)).out
    phrases, attribution = out.partition("Sentences\n")[2].splitlines()[:2]
    assert (
        "[told: reporting verb] [a town hall: noun phrase] [in Selden: prepositional phrase] [on Monday: time]"
        in phrases
    )
    assert attribution.strip() == '"told": subject "Vera Lind" (left), pattern that: "the quay is old"'
    record = json.loads(searchkit("inspect", "--json", "--explain", str(path)).out)
    (sentence,), text = record["sentences"], record["text"]
    verbs = [part["span"] for part in sentence["phrases"] if part["label"] == "verb"]
    assert [text[start:end] for start, end in verbs] == ["is"]
    read = [(text[slice(*one["subject"])], one["pattern"]) for one in sentence["attributions"]]
    assert read == [("Vera Lind", "that")]
    assert "sentences" not in json.loads(searchkit("inspect", "--json", str(path)).out)


def test_explain_shows_phrases_in_german(searchkit: Command, tmp_path: Path) -> None:
    path = tmp_path / "werft.txt"
    path.write_text(
        "Die Werft wies die Klagen zurück und forderte am Montag, der Kai müsse für das Wasser offen sein.\n"
    )
    phrases, attribution = searchkit("inspect", "--explain", str(path)).out.partition("Sentences\n")[2].splitlines()[:2]
    assert "[forderte: reporting verb] [am Montag: time] [der Kai: noun phrase] [müsse: verb in the subj" in phrases
    assert attribution.strip().startswith('"forderte": subject "Die Werft", pattern cue-after-subject: "der Kai müsse')


def test_explain_in_json(searchkit: Command, talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = json.loads(searchkit("inspect", "--json", "--explain", str(talk)).out)
    assert [quote["rejected"] for quote in record["statements"][:2]] == [[], []]
    (rejected,) = record["statements"][2]["rejected"]
    assert (rejected["name"], rejected["reason"]) == ("Igor Malt", "gender differs")
    assert record["text"][rejected["start"] : rejected["end"]] == "Malt"
    assert "rejected" not in json.loads(searchkit("inspect", "--json", str(talk)).out)["statements"][0]
    typed(monkeypatch, json.dumps({"id": 1, "text": TALK}).encode())
    (line,) = searchkit("inspect", "--jsonl", "--explain").out.splitlines()
    assert [len(quote["rejected"]) for quote in json.loads(line)["statements"]] == [0, 0, 1]


@pytest.mark.parametrize(("arguments", "complaint"), cases(__file__, "test_usage"))
def test_usage(searchkit: Command, arguments: tuple[str, ...], complaint: str) -> None:
    done = searchkit("inspect", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
