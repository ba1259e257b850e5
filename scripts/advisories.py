"""Report what pip-audit found: scripts/advisories.py ANSWER LOCKED, for scripts/audit."""

import json
import sys
from pathlib import Path

NOT_AUDITED = 75


def _frame(lines: list[str]) -> list[str]:
    width = max(map(len, lines))
    edge = "!" * (width + 6)
    return [edge, *(f"!! {line:<{width}} !!" for line in lines), edge]


def report(answer: Path, locked: Path) -> tuple[int, list[str]]:
    """Return the exit code and the lines of a report on the audit of the locked packages."""
    names = {line.split("==")[0] for line in locked.read_text(encoding="utf-8").split()}
    try:
        dependencies = json.loads(answer.read_text(encoding="utf-8"))["dependencies"]
    except (OSError, ValueError, KeyError):
        dependencies = []
    audited = [entry for entry in dependencies if "vulns" in entry]
    findings = [f"{entry['name']} {entry['version']}: {fault['id']}" for entry in audited for fault in entry["vulns"]]
    missing = sorted(names - {entry["name"] for entry in audited})
    if not audited:
        lines = [
            f"NOT AUDITED: {len(names)} dependencies.",
            "The advisory database was not reached.",
            "Run scripts/audit again with access to it.",
        ]
        return NOT_AUDITED, _frame(lines)
    if findings:
        return 1, findings
    if missing:
        lines = [
            f"NOT AUDITED: {len(missing)} of {len(names)} dependencies.",
            "The advisory database does not know:",
            *missing,
        ]
        return NOT_AUDITED, _frame(lines)
    return 0, [f"No advisory on {len(audited)} dependencies."]


if __name__ == "__main__":
    code, lines = report(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(lines), file=sys.stderr)
    sys.exit(code)
