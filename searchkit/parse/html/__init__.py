"""Web pages: text, metadata, and a note on everything that was left out. `page.read` is the parser.

No lxml code sees a page before `scan` has cut its overlong tags. `maintext` modifies the tree it reads.
"""
