"""Find the names in an article: read runs of capitalised words, then link short forms within the document."""
