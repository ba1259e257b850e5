"""The confidence of rules for names and statements, and of speakers: how often each is right (data/confidence.txt)."""

from searchkit.document import Resolution
from searchkit.extract.word_lists import parts, rows

_SHARES = {
    part: dict(zip(values[::2], map(float, values[1::2]), strict=True))
    for part, values in parts("confidence.txt").items()
}
NAME_RULES = _SHARES.pop("names")
_GERMAN = _SHARES["German statements"]
RULES = {rule: share for shares in reversed(_SHARES.values()) for rule, share in shares.items()}
# Right and all speakers by resolution and condition.
_SPEAKERS: dict[str, dict[str, tuple[int, int]]] = {}
for _resolution, _condition, _right, _every in rows("speakers.txt", 4):
    _SPEAKERS.setdefault(_resolution, {})[_condition] = (int(_right), int(_every))


def rule_confidence(rule: str, language: str = "en") -> float:
    """Return the share of right statements among those that `rule` finds in texts of this language, 0..1."""
    counted = _GERMAN if language == "de" else {}
    return counted.get(rule, RULES.get(rule, 0.5))


def resolution_confidence(resolved_by: Resolution, condition: str = "") -> float:
    """Return the share of right speakers among those that the resolution names under this condition, 0..1.

    A condition that was never counted has the share of its resolution in total. "unresolved" has 0. Raises KeyError for
    an unknown resolution.
    """
    if resolved_by == "unresolved":
        return 0.0
    counts = _SPEAKERS[resolved_by]
    total = sum(right for right, _ in counts.values()), sum(every for _, every in counts.values())
    right, every = counts.get(condition, total)
    return round((right + 1) / (every + 2), 2)
