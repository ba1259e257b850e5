"""Options, tiers and limits of the test run.

`slow` marks what the fast tier (`scripts/test fast`) leaves out, and `long` what only `scripts/test all` runs: loops of
faults, crashes, hostile input and generated queries; it is also slow. The summary names unmarked tests that use more
than --max-cpu seconds of processor time; they pass, because a loaded machine counts up to three times as much.
"""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from searchkit.archive import Archive
from searchkit.cli import run
from searchkit.statements.document import Article
from searchkit.statements.languages import with_language
from searchkit.store.base import Shared
from tests.cli.harbor import archive_of_the_harbor
from tests.cluster import NOT_TESTED, unavailable
from tests.crawl.web.site import Site

if TYPE_CHECKING:
    from tests.cluster.postgres import PostgresServer

SLOW_FOLDERS = frozenset({"eval", "faults", "hostile", "soak"})
LONG_FOLDERS = frozenset({"faults", "hostile", "soak"})
BROWSER_FOLDER = Path("web/browser")
_ROOT = Path(__file__).parent
SEEDS = _ROOT.parent / "seeds"
_CPU_SECONDS = pytest.StashKey[float]()
# What a report carries to the summary.
_TOO_LONG = "above --max-cpu"

# scripts/bench measures time. In CI, hypothesis would try the same examples each time.
settings.register_profile("searchkit", deadline=None, derandomize=False)
settings.register_profile("fast", deadline=None, derandomize=False, max_examples=20)
# An example on a cluster takes seconds, and making it smaller takes minutes.
settings.register_profile("cluster", deadline=None, max_examples=8, phases=(Phase.explicit, Phase.generate))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write the current output as the expected output.")
    parser.addoption("--cluster", action="store_true", help="Run the tests that need PostgreSQL or OpenSearch alone.")
    # Processor time of the test and of the processes that it started.
    parser.addoption("--max-cpu", type=float, default=0, metavar="SECONDS", help="Name unmarked tests that use more.")


def pytest_configure(config: pytest.Config) -> None:
    fast = config.getoption("markexpr") == "not slow"
    settings.load_profile("cluster" if config.getoption("--cluster") else "fast" if fast else "searchkit")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no folder of which the tier runs nothing."""
    if collection_path.is_file() or not collection_path.is_relative_to(_ROOT):
        return None
    place, tier = collection_path.relative_to(_ROOT), config.getoption("markexpr")
    return (tier == "not slow" and _is_slow(place)) or (tier == "not long" and place.name in LONG_FOLDERS) or None


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: some hold the time of day, and all workers must collect the same names."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path.relative_to(_ROOT) if item.path.is_relative_to(_ROOT) else Path(item.path.name)
        if path.parts[0] in LONG_FOLDERS:
            item.add_marker(pytest.mark.long)
        if _is_slow(path) or item.get_closest_marker("long") is not None:
            item.add_marker(pytest.mark.slow)
    wanted = bool(config.getoption("--cluster"))
    others = [item for item in items if (item.get_closest_marker("cluster") is not None) != wanted]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if (item.get_closest_marker("cluster") is not None) == wanted]


def _is_slow(path: Path) -> bool:
    return not SLOW_FOLDERS.isdisjoint(path.parts[:1]) or path.is_relative_to(BROWSER_FOLDER)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name unmarked tests that are slow, and say so when tests were skipped that need a browser or a cluster."""
    for report in terminalreporter.stats.get("passed", ()):
        for message in (value for name, value in report.user_properties if name == _TOO_LONG):
            terminalreporter.line(message, yellow=True)
    skipped = [
        report for report in terminalreporter.stats.get("skipped", ()) if str(BROWSER_FOLDER) in str(report.nodeid)
    ]
    if skipped:
        terminalreporter.section("NOT TESTED IN A BROWSER", sep="!", yellow=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests of the pages were skipped: {skipped[0].longrepr[2]}")
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ())]
    missing = sorted({reason.partition(f"{NOT_TESTED}: ")[2] for reason in reasons if NOT_TESTED in reason})
    if missing:
        terminalreporter.section(NOT_TESTED, sep="!", yellow=True, bold=True)
        for reason in missing:
            terminalreporter.line(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    before = sum(os.times()[:4])
    yield
    item.stash[_CPU_SECONDS] = sum(os.times()[:4]) - before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    seconds = item.stash.get(_CPU_SECONDS, 0.0)
    limit = item.config.getoption("max_cpu")
    is_marked = item.get_closest_marker("slow") or item.get_closest_marker("long")
    if limit and call.when == "call" and report.passed and seconds > limit and not is_marked:
        message = f"{item.nodeid} used {seconds:.1f} s of processor time: mark it slow or make it faster."
        report.user_properties.append((_TOO_LONG, message))
    return report


@pytest.fixture(scope="session", autouse=True)
def loaded_once() -> None:
    """Load what takes a second before any test is measured: hypothesis' Unicode tables, and the model of languages."""

    @settings(max_examples=1, database=None)
    @given(st.text(max_size=1))
    def draw(text: str) -> None:
        del text

    draw()
    with_language(Article(uri="test:model", text="El muelle de la ciudad no se abre hasta mayo.", paragraphs=()))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of all seeds, for reading only."""
    folder = tmp_path_factory.mktemp("seeded") / "archive"
    with pytest.raises(SystemExit) as left:
        run(["--archive", str(folder), "index", "-q", "--workers", "1", str(SEEDS)])
    assert left.value.code == 0
    return folder


@pytest.fixture(scope="session")
def harbor_read_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the harbor, for reading only."""
    folder = tmp_path_factory.mktemp("harbor") / "archive"
    archive_of_the_harbor(folder).close()
    return folder


@pytest.fixture
def harbor(harbor_read_only: Path, tmp_path: Path) -> Path:
    """An archive of the harbor, to change."""
    return Path(shutil.copytree(harbor_read_only, tmp_path / "archive"))


@pytest.fixture
def opened_harbor(harbor_read_only: Path) -> Iterator[Archive]:
    with Archive.open(harbor_read_only) as opened:
        yield opened


@pytest.fixture(scope="session")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with something of every kind, for reading only."""
    from tests.archive.damage import archive_of_everything  # imports much that most tests do not need

    folder = tmp_path_factory.mktemp("intact") / "archive"
    archive_of_everything(folder)
    return folder


@pytest.fixture
def damaged(intact: Path, tmp_path: Path) -> Path:
    """A copy of the intact archive, for the test to damage."""
    return Path(shutil.copytree(intact, tmp_path / "archive"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of an empty archive in a module with BOTH_STORES on both databases, but those with `in_files`."""
    if "archive_database" in metafunc.fixturenames:
        is_both = getattr(metafunc.module, "BOTH_STORES", False) and "in_files" not in metafunc.fixturenames
        both = ["sqlite", pytest.param("postgres", marks=pytest.mark.cluster)]
        metafunc.parametrize("archive_database", both if is_both else both[:1])


@pytest.fixture
def archive(archive_database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Archive]:
    """An empty archive."""
    shared = Shared(store=request.getfixturevalue("store_url")) if archive_database == "postgres" else None
    with Archive.create(tmp_path / "archive", shared=shared) as opened:
        yield opened


@pytest.fixture
def in_files() -> None:
    """Mark a test of the files of an archive."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A web site on loopback."""
    with Site() as running:
        yield running


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Return whether the test writes its expected output instead of comparing it."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def postgres() -> "Iterator[PostgresServer]":
    """A PostgreSQL server. Its user's password is in the environment, where libpq looks for it."""
    from tests.cluster.postgres import MISSING, PostgresServer, programs  # few tests need a cluster

    if programs() is None:
        unavailable(MISSING)
    server = PostgresServer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", server.password)
        yield server
    server.close()


@pytest.fixture
def store_url(postgres: "PostgresServer") -> str:
    """The address of a store in a new database."""
    return postgres.url(postgres.create_database())
