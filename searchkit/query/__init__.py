"""The query language: parse what a user types into a tree, and write a tree as text.

This package knows no engine; it does not stem or fold words and does not read the clock.
"""
