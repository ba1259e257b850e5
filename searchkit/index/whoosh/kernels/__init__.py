"""The numpy backend: a `Backend` for many rows at once, and facets. Importing numpy takes 0.1 s."""

from searchkit.index.whoosh.coding import numbers_of
from searchkit.index.whoosh.kernels.facets import facet, ranked_values
from searchkit.index.whoosh.kernels.keys import codes_among, copies, join_documents
from searchkit.index.whoosh.kernels.places import (
    beginning,
    followed,
    merged,
    names_at,
    passages_at,
    passages_of,
    proximity,
    rows_at,
    starts,
)
from searchkit.index.whoosh.kernels.rows import among, by_day, offset, row_maker, scores, to_global, to_local

__all__ = [
    "among", "beginning", "by_day", "codes_among", "copies", "facet", "followed", "join_documents", "merged",
    "names_at", "numbers_of", "offset", "passages_at", "passages_of", "proximity", "ranked_values", "row_maker",
    "rows_at", "scores", "starts", "to_global", "to_local",
]  # fmt: skip
