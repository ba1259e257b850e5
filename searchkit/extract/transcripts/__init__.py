"""Words with a name in front or behind: transcripts, interviews, live blogs, headlines, posts.

takes:    text, paragraphs, mentions
gives:    `finding.find`: Labels, a paragraph's words with the place or voice of who says them
does not: read sentences
traps:    a word with a colon is a label only where the document shows that it is
"""
