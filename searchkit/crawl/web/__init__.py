"""The crawler: pages of the web, politely and again and again. `crawler.Crawler` is its door.

takes:    sources of the kinds feed, sitemap, site and urls; a folder to remember in; the time
gives:    one value for each address looked at, recorded before it is given, and again until it is settled
does not: understand pages beyond their links; store documents; ask what robots.txt forbids or what is not public
traps:    the archive's lock is the caller's to hold; only the calling thread writes, others ask
"""
