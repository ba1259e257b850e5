"""What lies between a question and its answer: what the question means here, and what its answer should tell.

takes:    a query tree; an index
gives:    the tree an index is asked, with names in every order and spelling; whom a name can mean; why nothing was
          found; how a query was read
does not: parse, print, read documents
traps:    a user is shown the query as written, verbs by their lemmas; what was added to it is told in notes
"""
