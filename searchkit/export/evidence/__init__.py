"""Evidence: statements recorded so that anyone can check years later whether the archive still has them.

The digest of a file reveals accidental or partial changes; it is not a signature. Anybody may have written a file:
nothing in it is trusted before its type is checked, and nothing in it is used as a path.
"""
