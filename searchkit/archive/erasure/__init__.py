"""Erasure: documents forgotten whole, and a search of the archive's folder that proves it.

takes:    an open archive; what is to be forgotten, by id, by address, or by a query
gives:    an archive without it; how much was searched, and which files still hold a trace
does not: reach backups, exports, WARC files, digests that were sent, source folders
traps:    what is meant is written down (intent.py) before anything is removed, so that a run that was killed is
          finished by the next; until then that file holds what the archive does not any more
"""
