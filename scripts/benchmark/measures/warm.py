"""Questions to engines that are open: with snippets, and with facets; in turns, one question after the other.

A question is asked several rounds, and the middle one of its times counts: what a neighbour on the machine did to one
round, or a cache on its first, is left out. In each round another engine begins.
"""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmark.questions import Question
from benchmark.rivals import ENTRANTS
from benchmark.rivals.base import Rival
from benchmark.timing import Taken, settle, timed

ROUNDS = 3
# Engines that take half a second to count are asked one of so many questions.
_SPARED = 11


def with_snippets(rivals: Mapping[str, Rival], questions: Sequence[Question]) -> dict[str, Any]:
    """By engine: the ten best, their snippets, and the total."""
    return _asked(rivals, questions, lambda rival: rival.find, spare=False)


def with_facets(rivals: Mapping[str, Rival], questions: Sequence[Question]) -> dict[str, Any]:
    """By engine: the ten best, the total, the most frequent values of three fields, and all months."""
    counting = {key: rival for key, rival in rivals.items() if ENTRANTS[key].counts}
    return _asked(counting, questions, lambda rival: rival.count, spare=True)


def _asked(
    rivals: Mapping[str, Rival],
    questions: Sequence[Question],
    way: Callable[[Rival], Callable[[Question], Any]],
    *,
    spare: bool,
) -> dict[str, Any]:
    taken: dict[str, dict[int, list[tuple[float, float]]]] = {key: {} for key in rivals}
    totals: dict[str, dict[int, int]] = {key: {} for key in rivals}
    keys = list(rivals)
    for key in keys:
        way(rivals[key])(questions[0])  # files opened, modules loaded
    settle()
    for turn in range(ROUNDS):
        for number, question in enumerate(questions):
            for key in keys[turn % len(keys) :] + keys[: turn % len(keys)]:
                slow = ENTRANTS[key].slow
                if slow and (turn or (spare and number % _SPARED)):
                    continue
                given, wall, cpu = timed(lambda rival=rivals[key], question=question: way(rival)(question))
                taken[key].setdefault(number, []).append(given.took or (wall, cpu))
                totals[key][number] = given.total
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {key: _figures(questions, taken[key], totals[key]) for key in keys}


def _figures(
    questions: Sequence[Question], taken: Mapping[int, list[tuple[float, float]]], totals: Mapping[int, int]
) -> dict[str, Any]:
    middle = {number: tuple(map(statistics.median, zip(*times, strict=True))) for number, times in taken.items()}
    kinds = {
        kind: [n for n in middle if questions[n].kind == kind] for kind in dict.fromkeys(q.kind for q in questions)
    }
    return {
        **_spread(middle.values()),
        "kinds": {kind: _spread(middle[number] for number in numbers) for kind, numbers in kinds.items() if numbers},
        "first_round_cpu_ms_median": statistics.median(times[0][1] for times in taken.values()),
        "totals": [totals.get(number) for number in range(len(questions))],
    }


def _spread(times: Any) -> dict[str, Any]:
    wall, cpu = zip(*times, strict=True)
    return Taken(wall=list(wall), cpu=list(cpu)).spread()
