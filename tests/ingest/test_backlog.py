"""How much of each source may wait."""

from searchkit.ingest import Backlog


def test_a_source_is_full_by_tasks() -> None:
    backlog = Backlog(sources=2, workers=2)
    for _ in range(7):
        assert not backlog.is_full("one")
        backlog.add("one", 10)
    assert backlog.is_full("one")
    assert not backlog.is_full("other")
    backlog.remove("one", 10)
    assert not backlog.is_full("one")


def test_sources_share_the_size_that_may_wait() -> None:
    for sources, size in ((1, 16_000_000), (4, 4_000_000)):
        backlog = Backlog(sources=sources, workers=2)
        backlog.add("one", size)
        assert not backlog.is_full("one")
        backlog.add("one", 1)
        assert backlog.is_full("one")
