"""The version of searchkit."""

__version__ = "0.1.0"
