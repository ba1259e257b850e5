"""Tests of searchkit.archive.erasure."""
