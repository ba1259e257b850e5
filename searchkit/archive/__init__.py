"""An open archive: lock, store and index in one folder.

takes:    a folder; documents through the conductor; questions
gives:    answers from an index that is up to date with the store; what the archive holds
does not: read, extract, fetch, print
traps:    one writer at a time, held over all steps of a run; the store is written before the index, always
"""

from searchkit.archive.archive import Archive, Status

__all__ = ["Archive", "Status"]
