"""Statements of an article: what is said, and which phrase names the speaker (`finding.find`)."""
