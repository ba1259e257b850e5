"""Saved searches and alerts: saved searches that report what is new since their last run.

A match is reported once, whatever becomes of its record. Matches are committed before they are sent; a sink that failed
is tried again in the next run.
"""
