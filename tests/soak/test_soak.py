"""Two simulated days, and checks that the model notices errors. `scripts/soak` simulates a simulation."""

from collections import Counter
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.store.store import open_store
from tests.soak.simulation import WARM_DAYS, Figures, Simulation, growth
from tests.soak.updater import STATEMENTS
from tests.soak.world import START


def test_two_days_of_news(tmp_path: Path) -> None:
    with Simulation(tmp_path, seed=2, kills=1.0, every=12, files=8, pages=12) as simulation:
        days = list(simulation.days(2))
        rested = simulation.rest(step=120)
        assert [figures.faults for figures in (*days, rested)] == [[], [], []]
        assert days[1].documents > 56
        assert days[1].revisions
        # Errors in the archive are noticed.
        there = [article for article in simulation.world.articles if article.now is not None]
        twice = Counter([there[0].version.statements[0].words] * 2)
        assert any("reported 2 times" in fault for fault in simulation.model.wrong_reports({STATEMENTS: twice}))
        with Archive.open(simulation.archive) as archive:
            assert list(simulation.model.faults(archive)) == []
            lost, gone, other = (archive.at(article.uri) for article in there[:3])
        assert lost is not None
        assert gone is not None
        assert other is not None
        with closing(open_store(simulation.archive / "store.sqlite", writable=True)) as store:
            store.delete(lost.id, START.isoformat())
            store.mark_gone(gone.uri, START.isoformat())
            store.commit()
        with Archive.open(simulation.archive) as archive:
            archive.catch_up()
            faults = list(simulation.model.faults(archive))
        assert any(fault.startswith(f"{lost.uri} is not in the archive") for fault in faults)
        assert any(fault.startswith(f"{gone.uri} is gone, and was shown") for fault in faults)
        assert not any(fault.startswith(other.uri) for fault in faults)


def test_growth_is_reported() -> None:
    first = Figures(day=1, hours=24, memory_mb=70.0, open_files=5, threads=1, other_files=10)
    later = Figures(day=30, hours=720, memory_mb=76.9, open_files=5, threads=1, other_files=10)
    days = [first, *[replace(first, memory_mb=70.0)] * (WARM_DAYS - 1), later]
    assert list(growth(days)) == []
    later.memory_mb, later.open_files, later.log_bytes = 77.1, 6, 4_000 * 720 + 1
    assert [one.split(":")[0].split(" has")[0] for one in growth(days)] == ["memory", "open files", "log bytes"]
    peaks = [Figures(day=day, hours=24, memory_mb=70.0, peak_mb=200.0 + 4 * day) for day in range(30)]
    assert list(growth(peaks[:6])) == []
    assert list(growth(peaks)) == ["the peak of a run has grown from 212.0 to 308.0 MB"]
