"""Reports in German and French: clauses that commas part, their verbs, subjects and sources; and names there.

takes:    sentences, a language pack
gives:    `events`: what is reported and by whom; `names`: names where capitals prove little
does not: read English, whose reports hang on word order (quotes/ does)
traps:    one set of rules serves both languages; what differs is data
"""
