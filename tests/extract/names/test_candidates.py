"""Confidence by rule."""

from searchkit.extract.names.candidates import CONFIDENCE, NameCandidate


def test_confidence_is_a_share_and_claims_of_no_kind_stay_below_one_half() -> None:
    assert all(0 < share <= 1 for share in CONFIDENCE.values())
    assert max(CONFIDENCE["lone"], CONFIDENCE["inferred-alias"]) < 0.5


def test_a_found_name_has_no_reading_unless_told() -> None:
    assert NameCandidate(0, 3, "unknown", "lone", CONFIDENCE["lone"]).known == ()
