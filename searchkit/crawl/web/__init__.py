"""The web crawler. Start at `crawler.Crawler`.

The caller holds the archive's lock. Only the calling thread writes; worker threads only fetch.
"""
