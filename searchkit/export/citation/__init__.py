"""Citations: where a statement or an article stands written, so that a reader finds it and can check it.

takes:    a document, and one of its statements
gives:    a Citation, and its forms: plain text, Markdown, BibTeX, CSL-JSON
does not: guess: no family names out of bylines, no day where a month is known; reported words get no quotation marks
traps:    each form has an escape of its own; only addresses of the web become links, all others are text
"""
