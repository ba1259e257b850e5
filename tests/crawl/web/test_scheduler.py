from searchkit.crawl.web.fetching import Host, HostScheduler


def host(name: str, ready_at: float, **fields: str) -> Host:
    return Host(name=name, delay=1.0, ready_at=ready_at, **fields)  # type: ignore[arg-type]  # only `closed` is given


def test_hosts_take_turns_as_they_become_ready() -> None:
    scheduler = HostScheduler()
    assert (scheduler.next(100.0), scheduler.next_ready_at()) == (None, None)
    for name, ready_at in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        scheduler.add(host(name, ready_at))
    assert scheduler.next_ready_at() == 1.0
    assert scheduler.next(0.5) is None
    assert [one.name for _ in range(3) if (one := scheduler.next(5.0))] == ["a", "b", "c"]
    assert scheduler.next(5.0) is None
    assert all(name in scheduler for name in "abc")


def test_a_busy_or_queued_host_is_not_queued_again() -> None:
    scheduler = HostScheduler()
    scheduler.add(host("a", 0.0))
    scheduler.wake("a")
    assert scheduler.next(1.0) is scheduler["a"]
    assert scheduler.next(1.0) is None
    scheduler["a"].busy = True
    scheduler.wake("a")
    assert scheduler.next(1.0) is None
    scheduler["a"].busy = False
    scheduler.wake("a")
    assert scheduler.next(1.0) is scheduler["a"]


def test_a_host_with_an_extended_wait_is_not_early() -> None:
    scheduler = HostScheduler()
    scheduler.add(host("a", 1.0))
    scheduler["a"].ready_at = 9.0
    assert scheduler.next(5.0) is None
    assert scheduler.next_ready_at() == 9.0
    assert scheduler.next(9.0) is scheduler["a"]


def test_a_closed_host_is_not_waited_for() -> None:
    scheduler = HostScheduler()
    scheduler.add(host("a", 600.0, closed="asks for patience"))
    scheduler.add(host("b", 700.0))
    scheduler["b"].closed = "asks for patience, too"
    assert (scheduler.next(1_000.0), scheduler.next_ready_at()) == (None, None)
