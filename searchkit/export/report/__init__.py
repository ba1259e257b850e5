"""Reports: an answer in reading order, with a list of its sources, in Markdown or as one HTML page.

Statements are grouped by speaker and documents by outlet, each by date. Each form escapes all text and links only web
addresses.
"""
