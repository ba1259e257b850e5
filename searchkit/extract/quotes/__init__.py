"""Statements: the words, how they are reported, and the phrase that names the speaker.

takes:    an Article and its mentions
gives:    `finding.find`: Found statements in reading order, and the terms that only stand out in marks
does not: say who the speaker is (speakers/ does)
traps:    marks come first (`marks`), then sentences in which each quoted stretch is one token (`reading`), then cues
"""
