"""A dossier: what was found, in the order in which a person reads it, with a list of its sources.

takes:    a selection, and the question it answers
gives:    groups (statements by speaker, documents by outlet), each by date; the whole as Markdown or one page of HTML
does not: hold what it writes: records are read once to be put in order, and once more when they are written
traps:    all text is somebody else's: each form escapes it, and links only addresses of the web
"""
