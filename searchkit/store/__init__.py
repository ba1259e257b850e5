"""The store: documents on disk, the truth from which every index is built.

Nothing counts as stored before `commit` has returned.
"""
