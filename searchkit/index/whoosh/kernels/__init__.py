"""The numpy backend: a `backend.Backend` for many rows at once, and facets. Importing numpy takes 0.1 s."""

from searchkit.index.whoosh.kernels import rows
from searchkit.index.whoosh.kernels.copies import copies
from searchkit.index.whoosh.kernels.facets import facet
from searchkit.index.whoosh.kernels.keys import keys
from searchkit.index.whoosh.kernels.places import (
    followed,
    merged,
    names_at,
    passages_at,
    passages_of,
    rows_at,
    starts,
)
from searchkit.index.whoosh.kernels.proximity import proximity
from searchkit.index.whoosh.kernels.scores import by_day, scores
from searchkit.index.whoosh.kernels.statement_join import join_documents

__all__ = [
    "by_day",
    "copies",
    "facet",
    "followed",
    "join_documents",
    "keys",
    "merged",
    "names_at",
    "passages_at",
    "passages_of",
    "proximity",
    "rows",
    "rows_at",
    "scores",
    "starts",
]
