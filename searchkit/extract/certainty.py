"""The confidence of rules for statements and their speakers: how often each is right.

The numbers are shares of right answers among those a rule gave (2026-11-25), with one right and one wrong added so that
few cases never make certainty: (right + 1) / (all + 2). Statements were counted in 33 Canadian news articles (459), 84
articles on US politics (1,322 attributions of speech) and the texts annotated for this project (870). Rules marked `-`
have fewer than ten cases in all three and take a careful guess. Rules marked `d` are German, counted on 150 German news
articles (633 statements).
"""

from searchkit.document import Resolution

# By rule of finding.
RULES = {
    "about": 0.82,
    "according-to": 0.94,
    "as-said": 0.67,  # -
    "before-cue": 0.97,
    "chained": 0.75,  # -
    "colon": 0.62,  # -
    "continued": 0.99,
    "cue-after-subject": 0.93,
    "cue-after-subject-colon": 0.87,
    "cue-after-subject-quote": 0.98,
    "cue-after-subject-that": 0.94,
    "hearsay": 0.5,  # d
    "impersonal": 0.88,  # d
    "infinitive": 0.83,
    "interrupted": 0.96,
    "introduced": 0.90,
    "entry": 0.5,  # -
    "for-speaker": 0.5,  # -
    "headline": 0.67,  # -
    "inverted": 0.98,
    "inverted-colon": 0.93,  # -
    "inverted-quote": 0.93,  # -
    "label": 0.83,  # -
    "lead-in": 0.4,  # -
    "marks-only": 0.45,  # -
    "mood": 0.67,  # d
    "noun": 0.83,  # d
    "participle": 0.95,
    "participle-colon": 0.75,  # -
    "participle-quote": 0.86,
    "participle-that": 0.87,
    "post": 0.5,  # -
    "shared-subject": 0.81,
    "shared-subject-colon": 0.75,  # -
    "shared-subject-quote": 0.75,  # -
    "shared-subject-that": 0.87,
    "signed": 0.93,
    "taken-up": 0.71,  # d
    "thus": 0.7,  # d
    "transcript": 0.96,
    "uncued": 0.85,
}

# Right and all speakers by resolution and condition, counted on the same day in the Canadian articles (423 speakers
# annotated by hand) and in the texts annotated for this project (819).
_SPEAKERS: dict[tuple[Resolution, str], tuple[int, int]] = {
    ("full-name", ""): (240, 244),
    ("full-name", "doubtful"): (37, 40),  # only its speaking, or nothing, shows that it is a name
    ("full-name", "label"): (4, 4),  # a turn of a transcript, as below
    ("full-name", "together"): (4, 4),  # "Nadia Korbel and Igor Malt said"
    ("surname", ""): (184, 186),
    ("surname", "label"): (27, 27),
    ("surname", "shared"): (31, 31),  # by two people of the article
    ("title", ""): (13, 14),
    ("title", "label"): (8, 8),
    ("title", "shared"): (3, 4),
    ("pronoun", "spoke"): (115, 122),  # no other was named since a person of that gender spoke
    ("pronoun", "rival"): (3, 6),  # others were, but none as the subject of a sentence
    ("pronoun", "change"): (102, 108),  # another became the subject since
    ("pronoun", "subject"): (22, 22),  # no other of that gender spoke before
    ("pronoun", "last"): (1, 1),  # no one spoke before or was a subject
    ("pronoun", "role opened"): (9, 9),  # "The captain was unmoved. 'No,' he said"
    ("pronoun", "body spoke"): (5, 7),
    ("pronoun", "body"): (1, 1),  # "it" means the body that opened a sentence
    ("pronoun", "body near"): (1, 3),
    ("role", "own"): (12, 13),  # a person known by that very role
    ("role", "label"): (7, 7),
    ("role", "member"): (17, 18),  # a person known by that role at that very body
    ("role", "general"): (1, 1),  # "the official": the last person with any role
    ("role", "roleless"): (4, 4),  # the subject of the sentence before, of whom no role is known
    ("role", "described"): (2, 3),  # "the 61-year-old"
    ("role", "introduced later"): (2, 2),  # "a spokeswoman said", who is named with her next words
    ("role", "body named"): (11, 11),  # "the office" for a body with that word in its name
    ("role", "body spoke"): (4, 4),
    ("role", "body opened"): (5, 7),
    ("role", "body near"): (0, 2),
    ("role", "issuer"): (2, 3),  # "the report" of the body that issued it
    ("role", "message"): (1, 3),  # "the statement" of the last speaker
    ("carried", "beside"): (8, 9),  # the subject of the sentence next to a quotation without a cue
    ("carried", "taken over"): (20, 21),  # the subject of a sentence between two quotations
    # Shares among those that were carried from a right speaker; they multiply the confidence of that speaker.
    ("carried", "paragraph"): (122, 124),
    ("carried", "uncued"): (28, 33),
    ("carried", "uncued after a question"): (2, 3),
}


def rule_confidence(rule: str) -> float:
    """Return the share of right statements among those that `rule` finds, 0..1."""
    return RULES.get(rule, 0.5)


def resolution_confidence(resolved_by: Resolution, condition: str = "") -> float:
    """Return the share of right speakers among those that the resolution names under this condition, 0..1.

    A condition that was never counted has the share of its resolution in total. "unresolved" has 0. Raises KeyError for
    an unknown resolution.
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
