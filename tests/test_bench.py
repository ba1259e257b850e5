"""The benchmark measures the same thing for every engine, and reports it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmark import bars, corpus, report
from benchmark.questions import KINDS, Question, Survey, chosen
from benchmark.rivals import ENTRANTS, missing
from benchmark.rivals.base import Counted, Rival
from benchmark.stage import Stage, python_path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = 12
# Each entrant that is installed and can answer.
HERE = [key for key, entrant in ENTRANTS.items() if entrant.queried and not missing(key)]
ALWAYS = {"searchkit-whoosh", "fts5", "stock-whoosh"}  # these need only what searchkit needs
ENVIRONMENT = {**os.environ, **python_path()}
pytestmark = pytest.mark.slow


def bench(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run scripts/bench."""
    command = [sys.executable, "-m", "benchmark", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=ENVIRONMENT)


def _article(number: int) -> dict[str, Any]:
    """Every third one names a lighthouse, every fourth a crane; the last is of another year."""
    words = ["The ferry left the harbor at noon."]
    if number % 3 == 0:
        words.append("A lighthouse stood beside Port Vessary.")
    if number % 4 == 0:
        words.append("A yellow crane lifted timber, said Nadia Korbel of the Ostrava Trade Office.")
    day = "2021-05-04" if number == DOCUMENTS - 1 else f"2016-0{1 + number % 3}-10"
    text = f"{' '.join(words)} Berth number {'abcdefghijkl'[number] * 3} was empty."
    return {"id": f"n{number}", "title": f"Notice {number}", "text": text, "date": day, "outlet": "Harbor Ledger"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return stage_of(tmp_path_factory.mktemp("bench"), DOCUMENTS)


def stage_of(folder: Path, documents: int, before: Stage | None = None) -> Stage:
    """Return a stage over articles with known words."""
    lines = [json.dumps(_article(number)) + "\n" for number in range(documents)]
    (folder / "documents.jsonl").write_text("".join(lines), encoding="utf-8")
    return Stage(folder=folder, documents=documents, mixed=True, before=before)


@pytest.fixture(scope="module")
def rivals(stage: Stage) -> Iterator[dict[str, Rival]]:
    """Open every installed engine."""
    opened = dict(stage.open(HERE))
    yield opened
    for rival in opened.values():
        rival.close()


IN_2021 = (date(2021, 1, 1).toordinal(), date(2021, 12, 31).toordinal())
QUESTIONS = {
    "common": (Question(kind="common", words=("ferry",), form="all"), 12),
    "rare": (Question(kind="rare", words=("bbb",), form="all"), 1),
    "none": (Question(kind="rare", words=("submarine",), form="all"), 0),
    "stem": (Question(kind="common", words=("lighthouses",), form="all"), 4),
    "title": (Question(kind="common", words=("notice",), form="all"), 12),
    "and2": (Question(kind="and2", words=("lighthouse", "crane"), form="all"), 1),
    "or3": (Question(kind="or3", words=("lighthouse", "crane", "bbb"), form="any"), 7),
    "phrase": (Question(kind="phrase", words=("yellow", "crane"), form="phrase"), 3),
    "no phrase": (Question(kind="phrase", words=("crane", "yellow"), form="phrase"), 0),
    "prefix": (Question(kind="prefix", words=("lightho",), form="prefix"), 4),
    "fuzzy": (Question(kind="fuzzy", words=("cranne",), form="fuzzy"), 3),
    "range": (Question(kind="range", words=("ferry",), form="all", days=IN_2021), 1),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_all_engines_find_the_same_number(rivals: dict[str, Rival], name: str) -> None:
    question, expected = QUESTIONS[name]
    assert set(rivals) >= ALWAYS
    found = {
        key: rival.find(question).total for key, rival in rivals.items() if question.kind not in ENTRANTS[key].lacks
    }
    assert found == dict.fromkeys(found, expected)


def test_a_name_narrows_to_the_same_documents(stage: Stage, rivals: dict[str, Rival]) -> None:
    named = next(name for record in corpus.read(stage.records()) for name in record["entity"] if "korbel" in name)
    question = Question(kind="kw", words=("ferry",), form="all", entity=named)
    found = {key: rival.find(question) for key, rival in rivals.items() if "kw" not in ENTRANTS[key].lacks}
    assert {one.total for one in found.values()} == {3}
    assert len({frozenset(one.ids) for one in found.values()}) == 1


def test_all_engines_mark_the_words(rivals: dict[str, Rival]) -> None:
    question = QUESTIONS["phrase"][0]
    for key, rival in rivals.items():
        snippets = rival.find(question).snippets
        assert len(snippets) == 3, key
        assert all("crane" in snippet for snippet in snippets), key


def test_all_engines_count_the_same(rivals: dict[str, Rival]) -> None:
    question = QUESTIONS["common"][0]
    counted: dict[str, Counted] = {key: rival.count(question) for key, rival in rivals.items() if ENTRANTS[key].counts}
    expected = counted["searchkit-whoosh"]
    assert expected.facets["month"] == {"2016-01": 4, "2016-02": 4, "2016-03": 3, "2021-05": 1}
    assert expected.facets["speaker"] == {"person:nadia-korbel": 3}
    for key, one in counted.items():
        assert one.total == expected.total == DOCUMENTS, key
        assert one.facets == expected.facets, key


# --- the whole run ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("run")
    options = ["--mixed", "--documents", "30", "--questions", "1", "--rounds", "1", "--json", "figures.json"]
    done = bench(*options, "--measures", "index,add,warm,facets,answers,statements,memory", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_a_run_writes_its_figures(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    figures = json.loads((run[0] / "figures.json").read_text(encoding="utf-8"))
    stage = figures["stages"]["30"]
    assert figures["schema"] == "searchkit.bench/1"
    assert set(stage["warm"]) == {key for key in HERE if ENTRANTS[key].finds}
    assert set(stage["facets"]) == {key for key in HERE if ENTRANTS[key].counts}
    assert set(stage["answers"]) == {key for key in HERE if ENTRANTS[key].finds and ENTRANTS[key].counts}
    assert stage["end_to_end"]["documents"] == 30
    for key in ALWAYS:
        assert stage["warm"][key]["questions"] == len(KINDS)
        assert set(stage["warm"][key]["kinds"]) == set(KINDS)
        assert stage["warm"][key]["first_cpu_ms_p95"] >= stage["warm"][key]["first_cpu_ms_median"] > 0
        assert stage["disk"][key] > 1
        assert stage["index"][key]["documents"] == 30
        assert stage["add"][key]["ms"] > 0
        assert stage["memory"][key]["peak_mb"] > 1
    assert {bar["met"] for bar in figures["bars"]} == {None}


def test_a_run_prints_tables_and_draws_a_chart(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = run
    assert all(
        words in done.stdout
        for words in ("### 30 documents", "| query, ms", "new query, ms", "kB/document", "SQLite FTS5", "not measured")
    )
    chart = folder / "figures.png"
    if find_spec("matplotlib") is None:
        assert "no chart: " in done.stderr
        assert not chart.exists()
    else:
        assert chart.read_bytes().startswith(b"\x89PNG")
        assert chart.stat().st_size < 100_000


@pytest.mark.parametrize(
    "arguments",
    [
        *(["engines", "--only", "lucene"], ["--measures", "luck"], ["--documents", "x"], ["--documents", "3"]),
        ["--rounds", "0"],
        ["--archive", "/nowhere/at/all"],
    ],
)
def test_wrong_options_are_refused_in_one_line(arguments: list[str]) -> None:
    done = bench(*arguments)
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert arguments[-1] in done.stderr.splitlines()[-1]


# --- parts -----------------------------------------------------------------------------------------------------------


def test_questions_are_the_same_each_time(stage: Stage) -> None:
    survey = Survey.of(corpus.read(stage.records()))
    first, second = chosen(survey, each=3), chosen(survey, each=3)
    assert first == second
    assert [question.kind for question in first] == list(KINDS) * 3
    code = (
        "import sys; from pathlib import Path; from benchmark import corpus, questions as q;"
        "print(q.chosen(q.Survey.of(corpus.read(Path(sys.argv[1]))), each=3))"
    )
    command = [sys.executable, "-c", code, str(stage.records())]
    for seed in ("1", "2"):  # words of a set come in another order
        environment = {**ENVIRONMENT, "PYTHONHASHSEED": seed}
        assert subprocess.check_output(command, text=True, env=environment).strip() == str(first)
    assert [Question.from_json(json.loads(json.dumps(question.to_json()))) for question in first] == first


def _spread(median: float, slowest: float) -> dict[str, Any]:
    times = {"cpu_ms_median": median, "cpu_ms_p95": slowest}
    return times | {f"first_{name}": value for name, value in times.items()}


@pytest.mark.parametrize(("median", "met"), [(3.0, True), (4.0, False)])
def test_a_bar_is_met_or_missed(median: float, met: bool) -> None:
    warm = {"searchkit-whoosh": _spread(median, 9.0), "fts5": _spread(10.0, 100.0)}
    found = {(verdict.measure, verdict.documents): verdict for verdict in bars.verdicts({201_000: {"warm": warm}})}
    verdict = found["new query with snippets, median: Whoosh against FTS5", 200_000]
    assert verdict.figure == median / 10
    assert verdict.met is met
    assert found["new query with snippets, 95 %: Whoosh against FTS5", 200_000].met is True
    assert found["new query with snippets, median: Whoosh against FTS5", 19_043].met is None
    words = report.bars(list(found.values()))
    assert ("MISSED" in words) is not met
    assert "not measured" in words
