"""Answer queries: rewrite them, have the engine execute them, and prepare hits for display.

What is added to a query (other spellings of names, weak watchlist matches) is reported in notes.
"""
