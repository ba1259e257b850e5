"""Names: people, companies, organisations, official bodies, places, groups, laws and lists that an article mentions.

takes:    an Article
gives:    `finding.find`: mentions in text order, each with its canonical name, kind, rule and confidence
does not: apply what the user says of names (register.py does); know who speaks
traps:    runs of capitalised words are read first (`runs`, `kinds`), then linked within the document (`links`)
"""
