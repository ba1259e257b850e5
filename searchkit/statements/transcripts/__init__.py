"""Transcripts, interviews and other texts whose speakers stand in labels before or after their words."""
