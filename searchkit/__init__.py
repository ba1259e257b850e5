"""searchkit: who said what, about whom, when, and where does it stand written."""

__version__ = "0.1.0"
