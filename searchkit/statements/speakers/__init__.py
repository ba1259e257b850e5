"""Speakers: whom the attribution of a statement means."""
