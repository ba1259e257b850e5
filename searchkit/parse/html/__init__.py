"""Web pages: `page.read` is their parser.

takes:    the bytes of a page, and where it came from
gives:    its draft: main text, what the page says of itself, and notes on all that was left out
does not: guess. A date it only seems to have is marked as one; a page in the place of an article is refused
traps:    nothing of lxml sees a page before `scan` has cut its overlong tags; `maintext` takes the tree apart
"""
