"""Permanent erasure of documents (`searchkit forget`).

Erasure does not reach backups, exports, WARC files, sent digests, or the files and sites that documents came from.
"""
