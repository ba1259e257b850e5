"""Histories: what changed after publication, who denied it, who else published it, and who is silent.

Pure functions over documents. They never judge truth: each result names the rule that found it and shows its spans.
"""
