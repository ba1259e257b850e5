"""The store: records on disk, the truth.

takes:    Documents, one committed batch at a time; what failed; what is gone; when sources were asked
gives:    them back by id, with their group of copies; what is known of a resource; the changes after a sequence number;
          old revisions; what came of each source
does not: search, extract, decide what is current; know an index
traps:    nothing counts as added before `commit` has returned; everything an index holds can be made from here
"""
