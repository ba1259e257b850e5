"""Whom "you" means in a transcript: the one who answers.

takes:    the statements of an article and who made them
gives:    for each question that says "you", by its number, the id of whoever speaks next
does not: read "you" outside transcripts, nor in answers, where it is mostly anybody
traps:    who asks is told by the question marks of all turns, for an interviewer also states ("In 2011 you refused.")
"""

import re
from collections.abc import Sequence

from searchkit.document import Speaker
from searchkit.extract.packs import Pack
from searchkit.extract.quotes.finding import Found
from searchkit.text import fold

_WORD = re.compile(r"[^\W\d_][\w'’]{0,40}")


def find(text: str, found: Sequence[Found], said_by: Sequence[Speaker], pack: Pack) -> dict[int, str]:
    """The entity addressed in each statement, by its number; statements that address nobody are left out."""
    turns = [number for number, record in enumerate(found) if record.rule == "transcript"]
    voices = {number: _voice(text, found[number], said_by[number]) for number in turns}
    asked: dict[str, list[bool]] = {}
    for number in turns:
        asked.setdefault(voices[number], []).append("?" in found[number].content.of(text))
    asking = {voice for voice, marks in asked.items() if sum(marks) * 2 > len(marks)}
    addressed: dict[int, str] = {}
    answering: int | None = None  # the turn after, by somebody else
    for at in range(len(turns) - 1, -1, -1):
        number = turns[at]
        if at + 1 < len(turns) and voices[turns[at + 1]] != voices[number]:
            answering = turns[at + 1]
        if voices[number] not in asking or answering is None:
            continue
        entity_id = said_by[answering].entity_id
        if entity_id is not None and _means(found[number].content.of(text), pack):
            addressed[number] = entity_id
    return addressed


def _means(words: str, pack: Pack) -> bool:
    """Whether a "you" is spoken of, not just asked to speak: "you once said that readers are old" is about readers."""
    folded = [fold(word) for word in _WORD.findall(words)]
    for at, word in enumerate(folded):
        if word in pack.words["second-person"]:
            after = next((other for other in folded[at + 1 : at + 4] if other not in pack.words["adverb"]), "")
            if after not in pack.cues or pack.cues[after].needs != "strong":
                return True
    return False


def _voice(text: str, record: Found, speaker: Speaker) -> str:
    """Who takes a turn: the person, or else the label."""
    return speaker.entity_id or (fold(record.attribution.of(text)) if record.attribution is not None else "")
