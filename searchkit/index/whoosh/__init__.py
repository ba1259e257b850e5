"""The default engine: Whoosh's schema and tables of contents over our own posting lists and columns. Only this package
imports whoosh.

Reading: searcher.py opens the segments of the current generation; evaluator.py evaluates the query tree as sets of rows
and scores them; kernels/ computes with numpy and makes facets; pure.py is the small path without numpy for the first
query of a process. codec.py lets stock Whoosh read the same files.

Writing: fields.py is the schema, writer.py chooses segments to merge, builders.py makes the files of new and
of merged ones. segments.py lists the segments of a generation.
"""
