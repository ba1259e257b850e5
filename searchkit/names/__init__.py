"""Entities: what a user says about names, as files in the archive's folder, and which names may be the same.

takes:    aliases.toml; watchlists in the forms they come in; the names an archive holds
gives:    the Register that extraction applies; watchlists kept in one form; near-duplicates to decide on
does not: touch documents; decide that two names are one
traps:    `folder.version` is asked at every query: it reads the user's file and the first line of each watchlist
"""
