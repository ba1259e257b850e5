"""Resolve "you" in the questions of a transcript: it means the person who answers.

The question marks of all turns show who asks, because an interviewer also makes statements ("In 2011 you refused.").
"You" in answers is left alone, since it mostly means anyone.
"""

import re
from collections.abc import Sequence

from searchkit.document import Speaker
from searchkit.extract.packs import Pack
from searchkit.extract.quotes.finding import Statement
from searchkit.text import fold

_WORD = re.compile(r"[^\W\d_][\w'’]{0,40}")


def find(text: str, statements: Sequence[Statement], said_by: Sequence[Speaker], pack: Pack) -> dict[int, str]:
    """Return the id of the entity that each statement addresses, by the number of the statement."""
    turns = [number for number, statement in enumerate(statements) if statement.rule == "transcript"]
    voices: dict[int, str] = {}  # the person who takes a turn, or else the label
    for number in turns:
        attribution = statements[number].attribution
        label = fold(attribution.of(text)) if attribution is not None else ""
        voices[number] = said_by[number].entity_id or label
    questions: dict[str, list[bool]] = {}
    for number in turns:
        questions.setdefault(voices[number], []).append("?" in statements[number].content.of(text))
    asking = {voice for voice, marks in questions.items() if sum(marks) * 2 > len(marks)}
    addressed: dict[int, str] = {}
    answering: int | None = None  # the next turn of another speaker
    for at in range(len(turns) - 1, -1, -1):
        number = turns[at]
        if at + 1 < len(turns) and voices[turns[at + 1]] != voices[number]:
            answering = turns[at + 1]
        if voices[number] not in asking or answering is None:
            continue
        entity_id = said_by[answering].entity_id
        if entity_id is not None and _addresses(statements[number].content.of(text), pack):
            addressed[number] = entity_id
    return addressed


def _addresses(words: str, pack: Pack) -> bool:
    """Return whether "you" is more than the subject of a verb of speech: "you once said that readers are old"."""
    folded = [fold(word) for word in _WORD.findall(words)]
    for at, word in enumerate(folded):
        if word in pack.words["second-person"]:
            after = next((other for other in folded[at + 1 : at + 4] if other not in pack.words["adverb"]), "")
            if after not in pack.cues or pack.cues[after].needs != "strong":
                return True
    return False
