"""The priority of commands that may work for minutes while others read."""

import os
from contextlib import suppress

import click

IS_PROCESS = "is_process"
"""Entry of a context's `meta`: whether the command has the process for itself."""
LOW_PRIORITY = 5
"""A reader gets three times as much of a busy processor as such a command. The units of `searchkit schedule` give it
less still."""


def let_readers_first() -> None:
    """Lower the priority of this process and of those that it starts; a machine without other work runs them as fast.

    Nothing happens to a process that goes on after the command."""
    if click.get_current_context().meta.get(IS_PROCESS):
        with suppress(OSError):  # the system does not allow it
            os.setpriority(os.PRIO_PROCESS, 0, max(LOW_PRIORITY, os.getpriority(os.PRIO_PROCESS, 0)))
