"""Tables of rules `(name, when, take)`: the rows are tried in order, and the first one that applies decides.

`when` (None: always) and `take` get the finder, which knows the words of the language, and the case under decision.
The confidence of a rule or resolution is how often it was right (data/confidence.txt, data/speakers.txt).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from searchkit.statements.document import Resolution, Speaker
from searchkit.statements.word_lists import parts, rows

Finder = TypeVar("Finder")
Case = TypeVar("Case")
Result = TypeVar("Result")
Default = TypeVar("Default", bool, str, None)

Rules = tuple[tuple[str, Callable[[Finder, Case], bool] | None, Callable[[Finder, Case], Result | None]], ...]
Verdicts = tuple[tuple[str, Callable[[Finder, Case], bool], Result], ...]


def apply(rules: Rules[Finder, Case, Result], finder: Finder, case: Case) -> Result | None:
    """Return the first result for `case` that is not None, or None."""
    for _, when, take in rules:
        if (when is None or when(finder, case)) and (result := take(finder, case)) is not None:
            return result
    return None


def judge(verdicts: Verdicts[Finder, Case, Result], finder: Finder, case: Case, otherwise: Default) -> Result | Default:
    """Return the answer of the first of the rows `(name, when, answer)` that holds for `case`."""
    for _, when, answer in verdicts:
        if when(finder, case):
            return answer
    return otherwise


def _share(right: int, every: int) -> float:
    return round((right + 1) / (every + 2), 2)


_SHARES = {
    part: dict(zip(values[::2], map(float, values[1::2]), strict=True))
    for part, values in parts("confidence.txt").items()
}
NAME_RULES = _SHARES.pop("names")
_GERMAN = _SHARES["German statements"]
RULES = {rule: share for shares in reversed(_SHARES.values()) for rule, share in shares.items()}
# Right and all speakers by resolution and condition, and what the condition means.
_SPEAKERS: dict[str, dict[str, tuple[int, int, str]]] = {}
for _resolution, _condition, _right, _every, _evidence in rows("speakers.txt", 5):
    _SPEAKERS.setdefault(_resolution, {})[_condition] = (int(_right), int(_every), _evidence)
_TARGETS = {kind: _share(int(right), int(every)) for kind, right, every, _ in rows("targets.txt", 4)}


def rule_confidence(rule: str, language: str = "en") -> float:
    """Return the share of right statements among those that `rule` finds in texts of this language, 0..1."""
    counted = _GERMAN if language == "de" else {}
    return counted.get(rule, RULES.get(rule, 0.5))


@lru_cache(maxsize=256)  # for each speaker, 60 of the 3,450 Python calls for an article
def resolution_confidence(resolved_by: Resolution, condition: str = "") -> float:
    """Return the share of right speakers among those that the resolution names under this condition, 0..1.

    A condition that was never counted has the share of its resolution in total. "unresolved" has 0. Raises KeyError for
    an unknown resolution.
    """
    if resolved_by == "unresolved":
        return 0.0
    counts = _SPEAKERS[resolved_by]
    total = sum(right for right, _, _ in counts.values()), sum(every for _, every, _ in counts.values()), ""
    right, every, _ = counts.get(condition, total)
    return _share(right, every)


def evidence_for(speaker: Speaker) -> str:
    """Return what shows whom an attribution names, as a sentence part; empty for speakers without a name."""
    return _SPEAKERS.get(speaker.resolved_by, {}).get(speaker.condition, (0, 0, ""))[2]


def target_confidence(kind: str) -> float:
    """Return the share of right targets of this kind, 0..1; a kind of an older record has that of names."""
    return _TARGETS.get(kind, _TARGETS["name"])
