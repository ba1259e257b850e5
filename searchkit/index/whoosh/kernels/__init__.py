"""Reckoning with numpy: for many rows at once, at the price of loading numpy (some 70 ms).

takes:    see reckoning.py
gives:    rows, places, closeness, scores, tallies and copies
does not: start without numpy (the extra `fast`); be imported but by reckoning.py
traps:    sets/ has the same modules and must give the same answers
"""
