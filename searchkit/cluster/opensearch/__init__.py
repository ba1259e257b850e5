"""The engine for a cluster: the rows of documents and statements in two indexes of OpenSearch.

searchkit analyses all words; the cluster gets tokens that need no analysis, so both engines agree on every word.
"""
