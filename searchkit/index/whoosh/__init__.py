"""The default engine: Whoosh's segments, commits and fields, over posting lists and columns of our own.

takes:    rows of schema.py
gives:    an Index in one folder: generations (generations.py), each with two Whoosh indexes, `documents` and `quotes`
does not: parse Whoosh query strings, use Whoosh's matchers, store documents
traps:    only this folder imports whoosh; codec.WhooshSegment is pickled and cannot move without a rebuild

How a search runs: searcher.py opens the segments of the current generation, translate.py turns the tree into sets of
rows, segment by segment, and scores them; facets.py makes facets of counts. Rows, places of words, scores, counts and
copies are reckoned in one of two ways (reckoning.py): with Python's own sets (sets/), or with numpy (vectors/) where it
is installed, from the moment that loading it costs no more than doing without has cost.

How a batch is written: fields.py says what of a row goes where, codec.py collects it, postings.py inverts it,
sections.py writes one file a segment, merging.py makes one of several, storage.py says which belong together.
"""
