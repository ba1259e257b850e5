"""Reckoning with Python's own sets and dictionaries: needs nothing else, starts at once.

takes:    see reckoning.py
gives:    places, closeness, scores, tallies and copies
does not: scale like vectors/: each row, word or value costs a turn of a loop
traps:    vectors/ has the same modules and must give the same answers
"""
