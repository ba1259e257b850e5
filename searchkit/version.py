"""The version of searchkit: `.devN` until the release of 0.1.0, with another N for each change of a stored format."""

__version__ = "0.1.0.dev1"
