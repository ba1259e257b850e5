"""The query language: from what a user types to a tree, and back.

takes:    a query string, the day it is asked, the kind of record asked for
gives:    a tree (ast.py), notes on how it was read, its canonical form; QueryError with the place of the fault
does not: know an engine, stem or fold words, read a clock, guess what a doubtful query means
traps:    positions count code points of the query as typed: signs are only ever replaced one for one
"""
