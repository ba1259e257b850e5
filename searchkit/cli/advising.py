"""What is said when nothing was found, for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from searchkit.cli.output import Segment, counted, one_line

if TYPE_CHECKING:
    from searchkit.search.zero_hits import Advice


def advice_lines(advice: "Advice", kind: str) -> Iterator[list[Segment]]:
    """Which part kills the query, what excludes what, and what may be asked instead; `kind` is what was asked for."""
    over = ""
    for part in advice.parts:
        if part.over != over:
            over = part.over
            found = "statements" if over == "quote" else "documents"
            yield [(f"{found:>12}  without", "dim")]
        dead = "red" if not part.hits else ""
        yield [(f"{part.hits:>12,}  {part.without:>7,}", "dim"), (f"  {one_line(part.query)}", dead)]
    for together in advice.together:
        # Brackets keep apart what is joined.
        parts = ", ".join(map(one_line, together))
        yield [("Each of these is there, but no record has them together: ", ""), (parts, "bold")]
    for note in advice.notes:
        yield [(one_line(note), "")]
    for suggestion in advice.suggestions:
        told = f"{one_line(suggestion.says)} ({counted(suggestion.hits, kind)}): "
        yield [(f"Try {told}", ""), (one_line(suggestion.query), "bold")]
    if not advice.complete:
        yield [("There was no time to look further.", "dim")]
