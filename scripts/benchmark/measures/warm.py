"""Questions to open engines, with snippets, with facets or with both, in turns.

Each question runs several rounds. Its time in the first round and its median time are both reported: only the first
shows what a user waits for, because later rounds find their records and parts of texts in caches. Another engine starts
in each round.
"""

import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from benchmark.questions import Question
from benchmark.rivals import ENTRANTS
from benchmark.rivals.base import Found, Rival
from benchmark.rivals.ours import FACETS, Searchkit
from benchmark.timing import Taken, settle, timed

_SLOW_SHARE = 11  # slow engines count only one of so many questions

Asked = TypeVar("Asked")


def with_snippets(rivals: Mapping[str, Rival], questions: Sequence[Question], rounds: int) -> dict[str, Any]:
    """Return times by engine: the ten best hits, their snippets, and the total."""
    return middle_times(
        {key: rival for key, rival in rivals.items() if ENTRANTS[key].finds},
        questions,
        rounds,
        lambda rival, question: rival.find(question),
        kind=lambda question: question.kind,
        left_out=lambda key, _, question: question.kind in ENTRANTS[key].lacks,
    )


def with_facets(rivals: Mapping[str, Rival], questions: Sequence[Question], rounds: int) -> dict[str, Any]:
    """Return times by engine: the ten best hits, the total, the top values of three fields, and all months."""
    return middle_times(
        {key: rival for key, rival in rivals.items() if ENTRANTS[key].counts},
        questions,
        rounds,
        lambda rival, question: rival.count(question),
        kind=lambda question: question.kind,
        left_out=_is_left_out,
    )


def with_both(rivals: Mapping[str, Rival], questions: Sequence[Question], rounds: int) -> dict[str, Any]:
    """Return times by engine of the complete answer: the ten best hits, their snippets, the total, and the counts."""
    return middle_times(
        {key: rival for key, rival in rivals.items() if ENTRANTS[key].counts and ENTRANTS[key].finds},
        questions,
        rounds,
        _complete_answer,
        kind=lambda question: question.kind,
        left_out=_is_left_out,
    )


def _complete_answer(rival: Rival, question: Question) -> Found:
    if isinstance(rival, Searchkit):
        return rival.search(question.in_searchkit(), facets=FACETS)
    found, counted = rival.find(question), rival.count(question)
    if found.took is None or counted.took is None:
        return found
    return replace(found, took=(found.took[0] + counted.took[0], found.took[1] + counted.took[1]))


def _is_left_out(key: str, number: int, question: Question) -> bool:
    return question.kind in ENTRANTS[key].lacks or (ENTRANTS[key].slow and bool(number % _SLOW_SHARE))


def middle_times(
    rivals: Mapping[str, Any],
    questions: Sequence[Asked],
    rounds: int,
    ask: Callable[[Any, Asked], Any],
    *,
    kind: Callable[[Asked], str],
    left_out: Callable[[str, int, Asked], bool] = lambda _key, _number, _question: False,
) -> dict[str, Any]:
    """By engine: spread of the time of all questions, and by kind; and the total that each question found."""
    taken: dict[str, dict[int, list[tuple[float, float]]]] = {key: {} for key in rivals}
    totals: dict[str, list[int | None]] = {key: [None] * len(questions) for key in rivals}
    keys = list(rivals)
    for key in keys:
        ask(rivals[key], questions[0])  # files opened, modules loaded
    settle()
    for turn in range(rounds):
        first = turn % max(1, len(keys))
        for number, question in enumerate(questions):
            for key in keys[first:] + keys[:first]:
                if left_out(key, number, question) or (turn and ENTRANTS[key].slow):
                    continue
                given, wall, cpu = timed(partial(ask, rivals[key], question))
                taken[key].setdefault(number, []).append(given.took or (wall, cpu))
                totals[key][number] = given.total
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    kinds = [kind(question) for question in questions]
    return {key: _figures(kinds, taken[key]) | {"totals": totals[key]} for key in keys}


def _figures(kinds: Sequence[str], taken: Mapping[int, list[tuple[float, float]]]) -> dict[str, Any]:
    middle = {number: tuple(map(statistics.median, zip(*times, strict=True))) for number, times in taken.items()}
    by_kind = {kind: [number for number in middle if kinds[number] == kind] for kind in dict.fromkeys(kinds)}
    return {
        **_spread(middle.values()),
        **{f"first_{name}": value for name, value in _spread(times[0] for times in taken.values()).items()},
        "kinds": {kind: _spread(middle[number] for number in numbers) for kind, numbers in by_kind.items() if numbers},
    }


def _spread(times: Iterable[tuple[float, ...]]) -> dict[str, Any]:
    wall, cpu = zip(*times, strict=True)
    return Taken(wall=list(wall), cpu=list(cpu)).spread()
