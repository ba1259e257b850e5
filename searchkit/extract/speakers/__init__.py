"""Speakers: whom the attribution of a statement means.

takes:    an Article, its mentions and the Found statements
gives:    `resolving.resolve`: one Speaker a statement, in the same order
does not: find statements; guess where nothing points to a person
traps:    the cast (`people`) is read once an article; what points back without a name is in `pointing`
"""
