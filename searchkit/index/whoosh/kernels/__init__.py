"""The numpy backend: a `backend.Backend` for many rows at once, and facets. Importing numpy takes 0.1 s."""

from searchkit.index.whoosh.kernels.copies import copies
from searchkit.index.whoosh.kernels.facets import facet
from searchkit.index.whoosh.kernels.keys import join_documents
from searchkit.index.whoosh.kernels.places import (
    followed,
    merged,
    names_at,
    passages_at,
    passages_of,
    proximity,
    rows_at,
    starts,
)
from searchkit.index.whoosh.kernels.rows import among, offset, row_maker, to_global, to_local
from searchkit.index.whoosh.kernels.scores import by_day, scores

__all__ = [
    "among",
    "by_day",
    "copies",
    "facet",
    "followed",
    "join_documents",
    "merged",
    "names_at",
    "offset",
    "passages_at",
    "passages_of",
    "proximity",
    "row_maker",
    "rows_at",
    "scores",
    "starts",
    "to_global",
    "to_local",
]
