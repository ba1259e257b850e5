"""Citations of statements and articles: plain text, Markdown, BibTeX and CSL-JSON.

Nothing is guessed: bylines are not split into family names, and reported words get no quotation marks. Each form has an
escape of its own; only web addresses become links.
"""
