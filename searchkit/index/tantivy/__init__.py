"""The engine for large archives, an extra: tantivy finds, orders and counts; what it cannot do exactly is decided here.

takes:    rows of schema.py
gives:    an Index in one folder: generations (generations.py), each with two tantivy indexes, `documents` and `quotes`
does not: analyze words in tantivy (index/analysis.py does), parse its query strings, use its facets or snippets
traps:    only this folder imports tantivy; a field once written keeps its form, so a new one means a rebuild

How a search runs: searcher.py opens the indexes of the current generation (opened.py), translate.py turns the tree into
one query of tantivy's, ranking.py takes its best hits, facets.py counts by aggregations. How a batch is written:
fields.py says what of a row goes where, rendering.py puts it there, writer.py adds it to a copy of the current
generation that is made of links. Values are counted by numbers (labels.py).
"""
