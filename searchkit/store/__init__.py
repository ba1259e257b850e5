"""The store: records on disk, the truth.

takes:    Documents, one committed batch at a time
gives:    them back by id; what is known of a resource; the changes after a sequence number; old revisions
does not: search, extract, decide what is current; know an index
traps:    nothing counts as added before `commit` has returned; everything an index holds can be made from here
"""
