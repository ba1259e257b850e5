"""A real worker process, and what documents do to it."""

import multiprocessing
import os
import pickle
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import active_children, resource_tracker
from pathlib import Path
from typing import Any

import pytest

from searchkit.crawl.base import Refused, new_resource
from searchkit.errors import TryAgain
from searchkit.ingest.base import Annotated, Work
from searchkit.ingest.limits import Limits
from searchkit.ingest.reading import annotated
from searchkit.ingest.worker_supervisor import Stopped, WorkerSupervisor
from tests.ingest.hostile import (
    NOW,
    Faulting,
    Greedy,
    GreedyAtHeart,
    Killed,
    KilledOnce,
    Leaving,
    Looping,
    LoopingInC,
    Sleeping,
    Talking,
    bad,
    stories,
    story,
    threads_of_numpy,
)

pytestmark = pytest.mark.slow

ENDS = "crashed the parser process"
TOO_LONG = "takes longer than 1 s to read"
TOO_MUCH = "needs more memory than allowed (60 MB)"


def supervisor_of(**limits: Any) -> WorkerSupervisor[Annotated]:
    strict = Limits(**{"seconds": 1.0, "wall_seconds": 60.0, "memory_mb": 60} | limits)
    return WorkerSupervisor(annotated, now=NOW, register=None, limits=strict)


@pytest.fixture
def supervisor() -> Iterator[WorkerSupervisor[Annotated]]:
    with closing(supervisor_of()) as kept:
        yield kept
    assert active_children() == []


def reported(results: list[Annotated | Refused]) -> list[str]:
    return [result.reason if isinstance(result, Refused) else "" for result in results]


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        (Leaving(), ENDS),
        (Faulting(), ENDS),
        (Killed(), ENDS),
        (Looping(), TOO_LONG),
        (LoopingInC(), TOO_LONG),
        (Greedy(), TOO_MUCH),
        (GreedyAtHeart(), TOO_MUCH),
    ],
)
def test_only_the_crashing_resource_is_refused(
    supervisor: WorkerSupervisor[Annotated], does: dict[str, Any], reason: str
) -> None:
    task = [*stories(3), bad(4, does), *stories(3, first=5)]
    results = supervisor.read(task)
    assert [result.uri for result in results] == [resource.uri for resource in task]
    assert reported(results) == ["", "", "", reason, "", "", ""]
    assert reported(supervisor.read(stories(2))) == ["", ""], "it goes on with another process"


def test_a_page_truncated_by_lack_of_memory_is_refused() -> None:
    paragraphs = "".join(f"<p a{number}={number}>It stood still {number} days." for number in range(19_000))
    bodies = [f"<html><body><article>{text}".encode() for text in (paragraphs, paragraphs[:500])]
    task = [new_resource(f"test:{len(body)}", body, media_type="text/html", now=NOW) for body in bodies]
    with closing(supervisor_of(seconds=20.0, memory_mb=60)) as supervisor:
        assert reported(supervisor.read(task)) == ["needs more memory than allowed (60 MB)", ""]


def test_a_waiting_resource_is_refused_by_wall_time() -> None:
    with closing(supervisor_of(wall_seconds=3.0)) as supervisor:
        assert reported(supervisor.read([story(1), bad(2, Sleeping()), story(3)])) == [
            "",
            "takes longer than 3 s to read",
            "",
        ]


def test_a_resource_killed_once_is_read_again(supervisor: WorkerSupervisor[Annotated], tmp_path: Path) -> None:
    assert reported(supervisor.read([story(1), bad(2, KilledOnce(tmp_path / "mark")), story(3)])) == ["", "", ""]
    assert (tmp_path / "mark").exists()


def test_a_task_of_crashing_resources(supervisor: WorkerSupervisor[Annotated]) -> None:
    assert reported(supervisor.read([bad(number, Leaving()) for number in range(4)])) == [ENDS] * 4


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux lists threads")
def test_numpy_starts_no_threads(supervisor: WorkerSupervisor[Annotated]) -> None:
    (result,) = supervisor.read_serialized([Work(uri="test:1", function=threads_of_numpy)])
    assert pickle.loads(result) == 0  # noqa: S301 - our own worker pickled it


def test_one_process_serves_many_tasks(supervisor: WorkerSupervisor[Annotated]) -> None:
    assert active_children() == []
    assert supervisor.read([]) == []
    assert active_children() == [], "without work, no process is started"
    supervisor.read(stories(3))
    (first,) = active_children()
    supervisor.read(stories(30, first=4))
    (second,) = active_children()
    assert first.pid == second.pid


def test_output_of_libraries_is_discarded(
    supervisor: WorkerSupervisor[Annotated], capfd: pytest.CaptureFixture[str]
) -> None:
    assert reported(supervisor.read([bad(1, Talking())])) == [""]
    assert capfd.readouterr() == ("", "")


def test_another_thread_may_stop_it_at_any_time(supervisor: WorkerSupervisor[Annotated], tmp_path: Path) -> None:
    faults: list[BaseException] = []
    os.mkfifo(tmp_path / "pipe")

    def read() -> None:
        try:
            supervisor.read([story(1), bad(2, Sleeping(tmp_path / "pipe"))])
        except Stopped as stopped:
            faults.append(stopped)

    thread = threading.Thread(target=read)
    thread.start()
    assert (tmp_path / "pipe").read_text()
    supervisor.stop()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert len(faults) == 1
    with pytest.raises(Stopped):
        supervisor.read([story(1)])


def test_a_process_that_cannot_be_started_is_an_error(supervisor: WorkerSupervisor[Annotated]) -> None:
    resource_tracker.ensure_running()  # which would be another process that cannot be started
    multiprocessing.set_executable("/bin/false")
    try:
        with pytest.raises(TryAgain, match="cannot be started"):
            supervisor.read([story(1)])
    finally:
        multiprocessing.set_executable(sys.executable)
    assert reported(supervisor.read([story(1)])) == [""]
