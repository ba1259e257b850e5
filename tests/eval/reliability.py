"""Count, by confidence, how many findings there are and what share is right."""

from collections.abc import Iterable, Iterator

# The lower ends of the bins, highest first; high confidence has finer bins.
BINS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.0)


def lines(name: str, judged: Iterable[tuple[float, bool]]) -> Iterator[str]:
    """Yield a table of the bins with any of the `judged` findings (confidence, right) under the heading `name`."""
    found_in: dict[float, list[tuple[float, bool]]] = {}
    for confidence, right in judged:
        found_in.setdefault(next(least for least in BINS if confidence >= least), []).append((confidence, right))
    yield f"{name:36s} {'found':>6s} {'right':>6s} {'share':>6s} {'claim':>6s}"
    for least, found in sorted(found_in.items(), reverse=True):
        count, correct = len(found), sum(right for _, right in found)
        claimed = sum(confidence for confidence, _ in found) / count
        yield f"{f'  from {least:.2f}':36s} {count:6d} {correct:6d} {correct / count:6.3f} {claimed:6.3f}"
