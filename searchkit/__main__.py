"""`python -m searchkit`."""

from searchkit.cli import run

run()
