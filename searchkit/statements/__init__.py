"""From text to statements: who said what, about whom and when. Nothing here imports other packages of searchkit.

    from searchkit.statements import annotate
    document = annotate(article)

`text`, `dates`, `document` and `outlets` hold the values that all packages share; the names below are the rest of the
public interface. They are imported on first use: most commands need few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from searchkit.statements.version import EXTRACTOR_VERSION, extractor_version

if TYPE_CHECKING:
    from searchkit.statements.annotation import Explanation, annotate, explain
    from searchkit.statements.framing import corrections
    from searchkit.statements.languages import model_bytes
    from searchkit.statements.name_sounds import sound
    from searchkit.statements.name_table import MOST_WORDS, is_acronym, without_legal_words
    from searchkit.statements.names.gazetteer import known_id, known_names, plain_words
    from searchkit.statements.packs import Pack, lemmas, pack_for
    from searchkit.statements.quotes.marks import find as find_marks
    from searchkit.statements.reader.explained import ReadSentence
    from searchkit.statements.register import Alias, Entry, Hide, Register, Scope, Split
    from searchkit.statements.register import register as make_register
    from searchkit.statements.rules import evidence_for, target_confidence
    from searchkit.statements.speakers.referents import RejectedCandidate
    from searchkit.statements.word_lists import parts as word_list
    from searchkit.statements.word_lists import word_sets

__all__ = [
    "EXTRACTOR_VERSION", "MOST_WORDS", "Alias", "Entry", "Explanation", "Hide", "Pack", "ReadSentence",
    "Register", "RejectedCandidate", "Scope", "Split", "annotate", "corrections", "evidence_for", "explain",
    "extractor_version", "find_marks", "is_acronym", "known_id", "known_names", "lemmas", "make_register",
    "model_bytes", "pack_for", "plain_words", "sound", "target_confidence", "without_legal_words", "word_list",
    "word_sets",
]  # fmt: skip

# Module: its public names.
_EXPORTS = {
    "annotation": ("Explanation", "annotate", "explain"),
    "framing": ("corrections",),
    "languages": ("model_bytes",),
    "name_table": ("MOST_WORDS", "is_acronym", "without_legal_words"),
    "name_sounds": ("sound",),
    "names.gazetteer": ("known_id", "known_names", "plain_words"),
    "packs": ("Pack", "lemmas", "pack_for"),
    "quotes.marks": ("find_marks",),
    "reader.explained": ("ReadSentence",),
    "register": ("Alias", "Entry", "Hide", "Register", "Scope", "Split", "make_register"),
    "rules": ("evidence_for", "target_confidence"),
    "speakers.referents": ("RejectedCandidate",),
    "word_lists": ("word_list", "word_sets"),
}
_RENAMED = {"find_marks": "find", "make_register": "register", "word_list": "parts"}


def __getattr__(name: str) -> Any:
    for module, names in _EXPORTS.items():
        if name in names:
            value = getattr(import_module(f"{__name__}.{module}"), _RENAMED.get(name, name))
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
