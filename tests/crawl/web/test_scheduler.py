from searchkit.crawl.web.scheduler import Host, HostScheduler


def host(name: str, ready_at: float, **fields: str) -> Host:
    return Host(name=name, delay=1.0, ready_at=ready_at, **fields)  # type: ignore[arg-type]  # only `closed` is given


def test_hosts_take_turns_as_they_become_ready() -> None:
    turns = HostScheduler()
    assert (turns.next(100.0), turns.next_ready_at()) == (None, None)
    for name, ready_at in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        turns.add(host(name, ready_at))
    assert turns.next_ready_at() == 1.0
    assert turns.next(0.5) is None
    assert [one.name for _ in range(3) if (one := turns.next(5.0))] == ["a", "b", "c"]
    assert turns.next(5.0) is None
    assert all(name in turns for name in "abc")


def test_a_host_that_is_busy_or_waits_already_is_not_heard_again() -> None:
    turns = HostScheduler()
    turns.add(host("a", 0.0))
    turns.wake("a")
    assert turns.next(1.0) is turns["a"]
    assert turns.next(1.0) is None
    turns["a"].busy = True
    turns.wake("a")
    assert turns.next(1.0) is None
    turns["a"].busy = False
    turns.wake("a")
    assert turns.next(1.0) is turns["a"]


def test_a_host_that_was_told_to_wait_longer_is_not_early() -> None:
    turns = HostScheduler()
    turns.add(host("a", 1.0))
    turns["a"].ready_at = 9.0
    assert turns.next(5.0) is None
    assert turns.next_ready_at() == 9.0
    assert turns.next(9.0) is turns["a"]


def test_a_closed_host_is_not_waited_for() -> None:
    turns = HostScheduler()
    turns.add(host("a", 600.0, closed="asks for patience"))
    turns.add(host("b", 700.0))
    turns["b"].closed = "asks for patience, too"
    assert (turns.next(1_000.0), turns.next_ready_at()) == (None, None)
