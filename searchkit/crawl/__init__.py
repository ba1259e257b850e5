"""Read documents from files (searchkit.crawl.files) and from the web (searchkit.crawl.web), one Resource at a time.

Bytes are not decoded here. File names need not be UTF-8: addresses percent-encode their bytes.
"""
