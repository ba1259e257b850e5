"""Wording: the only place that decides about "same words?", "same speaker?" and "same spelling?".

`words` and `quotations` compare quotations of several outlets, `meaning` two wordings of one statement in revisions of
an article, `alike` what an alert found before, `speakers` who is quoted, and `spelling` single words.
"""
