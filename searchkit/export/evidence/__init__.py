"""Evidence: statements written down so that years later anybody can tell whether the archive still says the same.

takes:    statements with their documents; evidence files; an open archive
gives:    JSON Lines that carry words, place, what stands around them and digests; a verdict on each line of such a file
does not: prove who wrote a file: its digest finds what was cut or edited by accident or in part, and is no signature
traps:    a file is written by others: nothing in it is believed before its type is checked, and none of it is a path
"""
