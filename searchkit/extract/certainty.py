"""How often each rule is right: the confidence numbers of statements and of their speakers.

Measured (2026-11-25) as right answers among those a rule gave, on 33 Canadian news articles in which every quote and
its resolved speaker were annotated by hand (459 quotes), with one right and one wrong added to each count so that few
cases never make certainty: (right + 1) / (all + 2). Rules marked `*` have fewer than ten cases there and were counted
on 84 articles on US politics (1,322 attributions of speech); those marked `-` are too rare in both and take a careful
guess. Those marked `d` are rules of German, counted in the same way on 150 German news articles (633 statements).
"""

from searchkit.document import Resolution

_RULES = {
    "about": 0.5,  # -
    "according-to": 0.86,
    "as-said": 0.75,  # *
    "before-cue": 0.94,
    "colon": 0.67,  # *
    "continued": 0.98,
    "cue-after-subject": 0.89,
    "cue-after-subject-colon": 0.87,  # *
    "cue-after-subject-quote": 0.93,
    "cue-after-subject-that": 0.74,
    "hearsay": 0.5,  # d
    "impersonal": 0.88,  # d
    "infinitive": 0.29,
    "interrupted": 0.93,  # *
    "introduced": 0.89,  # -
    "entry": 0.5,  # -
    "for-speaker": 0.5,  # -
    "headline": 0.67,  # -
    "inverted": 0.97,
    "inverted-colon": 0.93,  # -
    "inverted-quote": 0.93,  # -
    "label": 0.83,  # *
    "lead-in": 0.4,  # -
    "marks-only": 0.45,  # -
    "mood": 0.67,  # d
    "noun": 0.83,  # d
    "participle": 0.94,  # *
    "participle-colon": 0.75,  # *
    "participle-quote": 0.91,  # *
    "participle-that": 0.89,  # *
    "post": 0.5,  # -
    "shared-subject": 0.86,  # *
    "shared-subject-quote": 0.67,  # *
    "shared-subject-that": 0.86,  # *
    "signed": 0.92,  # *
    "taken-up": 0.71,  # d
    "thus": 0.7,  # d
    "transcript": 0.92,  # *
    "uncued": 0.75,  # 0.89 there; held lower, because outside those articles they were found wrong more often
}
_UNKNOWN_RULE = 0.5

# Right and all speakers by resolution and condition, counted (2026-11-25) in the same 33 articles (419 statements whose
# speaker was told by hand) and in the texts annotated for this project (600 statements); the share is
# (right + 1) / (all + 2).
_SPEAKERS: dict[tuple[Resolution, str], tuple[int, int]] = {
    ("full-name", ""): (226, 228),
    ("full-name", "doubtful"): (33, 36),  # a name that only its speaking, or nothing, tells to be one
    ("full-name", "together"): (3, 3),  # "Nadia Korbel and Igor Malt said"
    ("surname", ""): (185, 187),
    ("surname", "shared"): (11, 11),  # by two people of the article
    ("title", ""): (9, 9),
    ("title", "shared"): (2, 3),
    ("pronoun", "spoke"): (123, 128),  # nobody else was named since the last one of that gender spoke
    ("pronoun", "rival"): (4, 6),  # others were, but none as the subject of a sentence
    ("pronoun", "change"): (70, 74),  # another became the subject since
    ("pronoun", "subject"): (13, 15),  # nobody of that gender had spoken
    ("pronoun", "last"): (1, 1),  # nobody had spoken or was a subject
    ("pronoun", "role opened"): (1, 1),  # "The captain was unmoved. 'No,' he said"
    ("pronoun", "body spoke"): (4, 6),
    ("pronoun", "body"): (1, 1),  # "it" means the body that opened a sentence
    ("pronoun", "body near"): (1, 2),
    ("role", "own"): (10, 11),  # one known by that very role
    ("role", "member"): (1, 1),  # at that very body
    ("role", "general"): (2, 2),  # "the official": the last one with any role
    ("role", "roleless"): (2, 2),  # the subject of the sentence before, of whom no role is known
    ("role", "described"): (1, 2),  # "the 61-year-old"
    ("role", "introduced later"): (2, 2),  # "a spokeswoman said", who is named with her next words
    ("role", "body named"): (9, 9),  # "the office" for one with that word in its name
    ("role", "body spoke"): (4, 4),
    ("role", "body opened"): (5, 6),
    ("role", "body near"): (0, 2),
    ("role", "issuer"): (2, 3),  # "the report" of the body that issued one
    ("role", "message"): (1, 3),  # "the statement" of the last one who spoke
    ("carried", "beside"): (8, 9),  # the subject of the sentence beside a quotation without a cue
    ("carried", "taken over"): (18, 18),  # the subject of a sentence between two quotations
    # Shares among those that were carried from a right speaker; they count on top of the confidence of that one.
    ("carried", "paragraph"): (109, 110),
    ("carried", "uncued"): (26, 28),
    ("carried", "uncued after a question"): (2, 3),
}


def rule_confidence(rule: str) -> float:
    """The share of right statements among those that `rule` finds, 0..1."""
    return _RULES.get(rule, _UNKNOWN_RULE)


def resolution_confidence(resolved_by: Resolution, condition: str = "") -> float:
    """The share of right speakers among those that the resolution names under this condition, 0..1.

    A condition that was never counted has the share of all of its resolution. "unresolved" names nobody: 0.
    """
    if resolved_by == "unresolved":
        return 0.0
    right, every = _SPEAKERS.get((resolved_by, condition)) or _total(resolved_by)
    return round((right + 1) / (every + 2), 2)


def _total(resolved_by: Resolution) -> tuple[int, int]:
    counts = [count for (resolution, _), count in _SPEAKERS.items() if resolution == resolved_by]
    if not counts:
        raise KeyError(resolved_by)
    return sum(right for right, _ in counts), sum(every for _, every in counts)
