"""Tasks read by several worker processes, and how little is read without any."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice, repeat
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.crawl.base import Refused, new_resource
from searchkit.ingest import IngestOptions, Limits, Reader, annotate, pool
from searchkit.ingest.base import Annotated, Outcome, Result, Task
from searchkit.statements.document import Document, Resource
from tests.ingest.hostile import NOW, Faulting, Greedy, Killed, Leaving, LoopingInC, Sleeping, bad, stories, story

pytestmark = pytest.mark.long

STRICT = Limits(seconds=6.0, wall_seconds=60.0, memory_mb=120)  # libraries that a page needs take two seconds
PAGE = "<html><head><title>The crane</title></head><body><p>The crane stood still for days.</p>{}</body></html>"


def run(given: Iterator[Task], chosen: IngestOptions, now: datetime) -> Iterator[Result]:
    """The results, without the None of tasks that have none yet."""
    return (result for result in pool.run(given, chosen, now) if result is not None)


def options(workers: int = 2, limits: Limits = STRICT) -> IngestOptions:
    return IngestOptions(workers=workers, limits=limits)


def tasks(resources: list[Resource], size: int = 7) -> Iterator[Task]:
    for start in range(0, len(resources), size):
        yield "", [], list(resources[start : start + size])


def page(number: int, more: str = "") -> Resource:
    return new_resource(f"test:{number}", PAGE.format(more).encode(), media_type="text/html", now=NOW)


def addresses(results: list[Result]) -> list[str]:
    return [result.uri for result in results]


def refused(results: list[Result]) -> dict[str, str]:
    return {result.uri: result.reason for result in results if isinstance(result, Refused)}


# --- how many processes ----------------------------------------------------------------------------------------------


def test_few_harmless_texts_start_no_process() -> None:
    results = []
    for result in run(tasks(stories(159)), options(), NOW):
        assert active_children() == []
        results.append(result)
    assert addresses(results) == addresses(list(results)) == [f"test:{number}" for number in range(1, 160)]


@pytest.mark.parametrize(
    ("resources", "processes"),
    [
        ([*stories(20), page(21)], 1),
        (stories(200), 2),
        ([story(number, "word " * 49_000) for number in range(5)], 2),
        ([story(1, "word " * 60_000)], 1),
    ],
    ids=["one page", "many", "much", "one long text"],
)
def test_risky_or_many_resources_start_processes(resources: list[Resource], processes: int) -> None:
    results = run(tasks(resources, size=3), options(), NOW)
    reported: list[Result] = []
    most = 0
    for result in results:
        reported.append(result)
        most = max(most, len(active_children()))
    assert addresses(reported) == [resource.uri for resource in resources]
    assert refused(reported) == {}
    assert 1 <= most <= processes
    assert active_children() == []


def test_pages_of_a_slow_source_start_processes_early() -> None:
    given: list[int] = []

    def slow() -> Iterator[Task]:
        for number in range(200):
            given.append(number)
            yield "", [], [page(number)]

    results = run(slow(), options(), NOW)
    assert next(results).uri == "test:0"
    assert len(given) == 40
    results.close()  # type: ignore[attr-defined]  # as below


def test_settled_results_do_not_wait() -> None:
    settled = Outcome(uri="test:settled", status="skipped")
    first: Task = ("", [], [page(1)])
    rest: Task = ("", [settled], [])
    endless = chain([first], repeat(rest))
    assert set(islice(run(endless, options(), NOW), 1_000)) == {settled}
    few = chain([first], repeat(rest, 2))
    assert addresses(list(run(few, options(), NOW))) == ["test:settled", "test:settled", "test:1"]


# --- bad ones among good ones ----------------------------------------------------------------------------------------


def test_bad_resources_do_not_affect_good_ones() -> None:
    ends = "crashed the parser process"
    too_much = "needs more memory than allowed (120 MB)"
    terrible: dict[int, tuple[dict[str, Any], str]] = {
        0: (Leaving(), ends),
        20: (Faulting(), ends),
        21: (Killed(), ends),
        40: (LoopingInC(), "takes longer than 6 s to read"),
        55: (Greedy(), too_much),
        99: (Leaving(), ends),
    }
    given = stories(200, first=0)
    for number, (does, _) in terrible.items():
        given[number] = bad(number, does)
    results = list(run(tasks(given), options(), NOW))
    assert addresses(results) == [resource.uri for resource in given]
    assert refused(results) == {f"test:{number}": reason for number, (_, reason) in terrible.items()}
    assert active_children() == []


def test_closing_a_run_ends_its_workers(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    given = [*stories(10), bad(11, Sleeping(tmp_path / "pipe")), *stories(160, first=12)]
    results = run(tasks(given), options(), NOW)
    assert next(results).uri == "test:1"
    assert (tmp_path / "pipe").read_text(), "one is asleep over its resource"
    results.close()  # type: ignore[attr-defined]  # a generator: this is what an exception does to it
    assert active_children() == []


# What a run is when somebody ends it: two processes asleep over a resource each, which say their numbers into pipes.
ASLEEP = """
import signal
import sys
from pathlib import Path
from searchkit.ingest import IngestOptions
from searchkit.ingest.pool import run
from tests.ingest.hostile import NOW, Sleeping, bad
# A job in the background is started with this signal ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
tasks = (("", [], [bad(number, Sleeping(Path(pipe)))] * 80) for number, pipe in enumerate(sys.argv[1:]))
list(run(tasks, IngestOptions(workers=2), NOW))
"""


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_a_killed_run(ended_by: signal.Signals, tmp_path: Path) -> None:
    pipes = [tmp_path / "one", tmp_path / "other"]
    for pipe in pipes:
        os.mkfifo(pipe)
    command = [sys.executable, "-c", ASLEEP, *map(str, pipes)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as main:
        try:
            workers = [os.pidfd_open(int(pipe.read_text())) for pipe in pipes]
            if ended_by == signal.SIGINT:
                os.killpg(main.pid, ended_by)  # as a terminal does
            else:
                main.send_signal(ended_by)
            output, complaints = main.communicate(timeout=30)
        finally:
            main.kill()
        for worker in workers:
            assert select.select([worker], [], [], 30)[0], "this worker has outlived its run"
            os.close(worker)
    assert output == ""
    assert complaints.count("Traceback") == (1 if ended_by == signal.SIGINT else 0), complaints


# --- sources in turn -------------------------------------------------------------------------------------------------


def test_expensive_resources_of_a_source_do_not_delay_other_sources() -> None:
    expensive = [bad(number, LoopingInC()) for number in range(4)]
    cheap = stories(200, first=10)
    given: list[Task] = [("expensive", [], [resource]) for resource in expensive]
    given += [("cheap", [], list(cheap[start : start + 40])) for start in range(0, 200, 40)]
    results = list(run(iter(given), options(), NOW))
    order = addresses(results)
    assert set(refused(results)) == {resource.uri for resource in expensive}
    assert [uri for uri in order if uri not in refused(results)] == [resource.uri for resource in cheap]
    assert order.index(cheap[-1].uri) < order.index(expensive[-1].uri)


# --- pages made to do harm -------------------------------------------------------------------------------------------

HARMFUL = {
    "attributes": '<p class="x" ' + " ".join(f'a{number}="x"' for number in range(200_000)) + ">Needle here.</p>",
    "levels": "<div>" * 100_000 + "Needle here." + "</div>" * 100_000,
    "paragraphs": "<p>Needle here.</p>" + "<p>some words" * 100_000,
    "inline picture": "<p>Needle here.</p>" + f'<img src="data:image/png;base64,{"QUJD" * 2_400_000}">',
    "surrogates": "<p>Needle here.</p>" + "<p>&#xD800; &#xDFFF;</p>" * 1_000 + "\ud800",
    "overlong script": "<script>" + "var a = '<p>'; " * 300_000 + "</script><p>Needle here.</p>",
    "entities": "<!DOCTYPE x [" + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)) + "]>&a9;",
}


def test_harmful_pages_are_read() -> None:
    given = [
        new_resource(
            f"test:{name}", PAGE.format(more).encode("utf-8", "surrogatepass"), media_type="text/html", now=NOW
        )
        for name, more in HARMFUL.items()
    ]
    given[-1] = replace(given[-1], media_type="application/xhtml+xml")
    results = list(run(tasks([*given, *stories(3)], size=2), options(limits=Limits(seconds=20)), NOW))
    assert addresses(results) == [*(f"test:{name}" for name in HARMFUL), "test:1", "test:2", "test:3"]
    assert refused(results) == {}
    for result in results[: len(given)]:
        assert isinstance(result, Annotated)
        assert result.uri == "test:entities" or "Needle here." in result.document.text


def test_a_page_beyond_the_limits_is_refused() -> None:
    sentence = "<p>The office in Ostrava said on Monday that it was so, said Nadia Korbel of the office.</p>"
    results = list(run(tasks([page(1, sentence * 100_000), page(2)]), options(limits=Limits(seconds=3)), NOW))
    assert addresses(results) == ["test:1", "test:2"]
    (reason,) = refused(results).values()
    assert reason.startswith(("takes longer than 3 s to read", "needs more memory than allowed (300 MB)"))


# --- one at a time ---------------------------------------------------------------------------------------------------


def test_a_reader_uses_a_process_for_risky_resources() -> None:
    with Reader(annotate, now=NOW, limits=Limits(seconds=10)) as reader:
        assert reader.read(story(1)) == annotate(story(1), NOW)
        assert active_children() == []
        assert reader.read(page(2)) == annotate(page(2), NOW)
        assert len(active_children()) == 1
        found = reader.read(replace(page(3), defaults=Leaving()))
        assert found == Refused(uri="test:3", reason="crashed the parser process", ended_worker=True)
        assert isinstance(reader.read(page(4)), Document)
    assert active_children() == []
