"""The table of reports. A row generates the command, the page, the address for programs and the tool for agents.

Add a report in two places: its line here, and the module of its name with `REPORT` (request, run, view).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `searchkit --help` needs the lines alone
    from searchkit.reports.base import Report

# Name, and its line in `searchkit --help`.
REPORTS = {
    "changes": "List statements that a later version of an article changed.",
    "spread": "Show which outlets printed a quotation.",
    "disputes": "Show claims next to their denials and answers.",
    "silence": "List who made no statement in a period.",
}


def load(name: str) -> "Report":
    """Return the row of a report."""
    report: Report = import_module(f"{__name__}.{name}").REPORT
    return report
