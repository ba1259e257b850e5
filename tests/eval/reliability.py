"""Count, by confidence, how many findings there are and what share is right."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

# The lower ends of the bins, highest first; high confidence has finer bins.
BINS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.0)


class Bin(Struct, frozen=True):
    """Findings with a confidence from `least` up to the next bin: how many, how many right, and what they claimed."""

    least: float
    found: int
    right: int
    claimed: float

    @property
    def share(self) -> float:
        """Return the share that is right."""
        return self.right / self.found


def bins(judged: Iterable[tuple[float, bool]]) -> list[Bin]:
    """Return the bins with any of the `judged` findings (confidence, right), highest first."""
    held: dict[float, list[tuple[float, bool]]] = {}
    for confidence, right in judged:
        held.setdefault(next(least for least in BINS if confidence >= least), []).append((confidence, right))
    return [
        Bin(least, len(found), sum(right for _, right in found), sum(claim for claim, _ in found) / len(found))
        for least, found in sorted(held.items(), reverse=True)
    ]


def lines(name: str, judged: Iterable[tuple[float, bool]]) -> Iterator[str]:
    """Yield a table of bins under the heading `name`."""
    yield f"{name:36s} {'found':>6s} {'right':>6s} {'share':>6s} {'claim':>6s}"
    for row in bins(judged):
        yield f"{f'  from {row.least:.2f}':36s} {row.found:6d} {row.right:6d} {row.share:6.3f} {row.claimed:6.3f}"
