"""Dates that know their precision: partial dates, and the periods of the query language.

`stated` parses date strings of metadata; `prose` finds and resolves dates in text. Import those modules directly: their
patterns take longer to compile than a query, which needs neither, takes to run. No function reads a clock.
"""

from searchkit.statements.dates.partial import Confidence, PartialDate, Precision, period

__all__ = ["Confidence", "PartialDate", "Precision", "period"]
