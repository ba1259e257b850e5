"""What each shell says and hears: click's own classes, taught what our queries need.

takes:    environment variables set by the scripts below
gives:    the scripts; suggestions as they read them
does not: decide what is suggested (choosing.py does)
traps:    bash quotes nothing by itself, zsh and fish quote everything. A field name ends in a colon, and no blank may
          follow it; the kind `open` says so
"""

import io
import os
import re
import sys
from contextlib import redirect_stderr, suppress
from typing import Any

from click import Command
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from searchkit.cli.completing.choosing import chosen
from searchkit.cli.completing.tree import load, rebuilt
from searchkit.cli.completing.typed import Typed, typed

PROGRAM = "searchkit"
VARIABLE = "_SEARCHKIT_COMPLETE"

_LEFT_OUT = re.compile("-[A-Za-z]{2}")
_LAST_WORD = re.compile(r"\w{1,100}\Z")
# `-o nosort` is there since bash 4.4, compopt since 4.0: without them it works nearly as well.
_BASH = """\
%(complete_func)s() {
    local kind value
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            dir) compopt -o dirnames 2> /dev/null ;;
            file) compopt -o default 2> /dev/null ;;
            open) compopt -o nospace 2> /dev/null; COMPREPLY+=("$value") ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_TYPED="${COMP_LINE:0:COMP_POINT}" COMP_REPLACED="$2" %(complete_var)s=bash_complete "$1" 2> /dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2> /dev/null || complete -F %(complete_func)s %(prog_name)s
"""
_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local kind value about
    local -a response plain open described
    response=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) %(complete_var)s=zsh_complete \\
        ${words[1]} 2> /dev/null)}")
    for kind value about in ${response}; do
        case $kind in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            open) open+=("$value") ;;
            plain) if [[ $about == _ ]]; then plain+=("$value"); else described+=("$value:$about"); fi ;;
        esac
    done
    [[ -n $described ]] && _describe -V unsorted described -U
    [[ -n $open ]] && compadd -U -V unsorted -S '' -a open
    [[ -n $plain ]] && compadd -U -V unsorted -a plain
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""
_FISH = """\
function %(complete_func)s
    for line in (COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) %(complete_var)s=fish_complete \\
            %(prog_name)s 2> /dev/null)
        set -l part (string split -m 1 , -- $line)
        switch $part[1]
            case dir
                __fish_complete_directories (commandline -t)
            case file
                __fish_complete_path (commandline -t)
            case plain open
                echo $part[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _AsTyped(ShellComplete):
    """Where click's idea of a word is not that of our users."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """The whole words that may stand in the place of `incomplete`."""
        # `-speaker:` leaves out: no option of ours has one dash and several letters.
        items = super().get_completions([*args, "--"] if _LEFT_OUT.match(incomplete) else args, incomplete)
        # `--format=cs` is one word to the shell, but click gives only what stands behind the sign of equality.
        option, equals, _ = incomplete.partition("=")
        if not (equals and option.startswith("--")):
            return items
        return [CompletionItem(f"{option}={item.value}", type=item.type, help=item.help) for item in items]


class Bash(_AsTyped, BashComplete):
    """bash: the line itself, not bash's idea of its words, which ends at every colon."""

    source_template = _BASH
    _typed: Typed

    def source(self) -> str:
        """The script; click's own looks for the version of bash first, which this one need not know."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """The finished words behind the command, and the unfinished one."""
        self._typed = typed(os.environ["COMP_TYPED"])
        return list(self._typed.words[1:]), self._typed.last

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Kind and what replaces the end of the word, with a comma between."""
        return f"{item.type},{self._typed.replacement(item.value, os.environ.get('COMP_REPLACED', ''))}"


class Zsh(_AsTyped, ZshComplete):
    """zsh: as click has it, but no blank follows a field's colon."""

    source_template = _ZSH


class Fish(_AsTyped, FishComplete):
    """fish: as click has it, but names may hold commas, and what is typed keeps its case: fish shows nothing else."""

    source_template = _FISH

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Suggestions in which the last word typed stands as typed."""
        word = _LAST_WORD.search(incomplete)
        begun = word.group() if word else ""
        items = super().get_completions(args, incomplete)
        for item in items:
            place = item.value.casefold().rfind(begun.casefold())
            if begun and place >= 0 and len(item.value.casefold()) == len(item.value):
                item.value = f"{item.value[:place]}{begun}{item.value[place + len(begun) :]}"
        return items


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def answer(asked: str) -> int:
    """Print what `asked` wants to know (`bash_complete`, `zsh_source`...); returns the exit code, always 0."""
    shell, _, what = asked.partition("_")
    text = ""
    # Somebody is typing: no suggestion is better than a traceback, and nothing may be said about it.
    with redirect_stderr(io.StringIO()), suppress(Exception):
        text = script(shell) if what == "source" else _completer(shell).complete()
    if text:
        sys.stdout.buffer.write(text.rstrip("\n").encode("utf-8", "replace") + b"\n")
        sys.stdout.flush()
    return 0


def script(shell: str) -> str:
    """What makes `shell` ask us; KeyError for one that is not among SHELLS."""
    return SHELLS[shell](Command(PROGRAM), {}, PROGRAM, VARIABLE).source()


def _completer(shell: str) -> ShellComplete:
    return SHELLS[shell](rebuilt(PROGRAM, load(), chosen), {}, PROGRAM, VARIABLE)
