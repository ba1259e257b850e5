"""Test ranking."""

from msgspec.structs import replace

from searchkit.index.ranking import Precedence, idf, in_order, scored_leaves
from searchkit.query import ast

WORD, OTHER, NAME = ast.Term(text="ferry"), ast.Phrase(text="old harbor"), ast.Equals(text="Nadia Korbel")


def test_scored_leaves() -> None:
    tree = ast.And(
        children=(
            WORD,
            ast.Or(children=(ast.Field(name="title", value=OTHER), ast.Field(name="speaker", value=NAME))),
            ast.Not(child=ast.Term(text="tunnel")),
            ast.Scope(inner=ast.Term(text="bridge")),
            ast.All(),
        )
    )
    assert list(scored_leaves(tree)) == [("text", WORD), ("title", OTHER), ("speaker", NAME)]


def test_idf() -> None:
    assert idf(1, 100) > idf(50, 100) > idf(100, 100) > 0


PLAIN = Precedence(outlet="gazette", wire="", published="2024-03-01T24", first_seen="2026-01-01")


def test_credited_agency_comes_first() -> None:
    wire = replace(PLAIN, outlet="moravia wire", published="2024-03-09T24")
    credits_it = replace(PLAIN, wire="moravia wire")
    assert in_order({"a": credits_it, "b": wire, "c": PLAIN}) == ["b", "a", "c"]
    alone = replace(wire, wire="moravia wire")
    assert in_order({"a": PLAIN, "b": alone}) == ["a", "b"], "who credits himself is credited by nobody else"
    assert in_order({"a": credits_it, "b": alone}) == ["b", "a"]


def test_order_by_publication_first_seen_and_id() -> None:
    copies = {
        "later": replace(PLAIN, published="2024-03-02T24"),
        "undated": replace(PLAIN, published="", first_seen="2020-01-01"),
        "timed": replace(PLAIN, published="2024-03-01T10:00:00+00:00"),
        "seen-late": replace(PLAIN, first_seen="2026-01-02"),
        "b": PLAIN,
        "a": PLAIN,
        "forged": replace(PLAIN, published="1999-01-01T24", supplied=True),
    }
    assert in_order(copies) == ["timed", "a", "b", "seen-late", "later", "undated", "forged"]


def test_precedence_survives_packing() -> None:
    for precedence in (PLAIN, replace(PLAIN, supplied=True)):
        assert Precedence.unpacked(precedence.packed()) == precedence
