"""Completing what somebody types in a shell: commands, options, choices, fields, and values that the archive has.

takes:    the line typed so far, in environment variables that the script of `searchkit completion` sets
gives:    one line a suggestion, as that script reads them
does not: write, lock, or bring an index up to date; complain: what cannot be told is not suggested
traps:    a shell waits for every answer. No command is imported: `commands.json` describes them all, and is written by
          pytest tests/cli/completing --update-golden
"""

from searchkit.cli.completing.shells import SHELLS, VARIABLE, answer

__all__ = ["SHELLS", "VARIABLE", "answer"]
