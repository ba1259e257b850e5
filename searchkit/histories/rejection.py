"""A rejected claim, and the expressions that its rules share."""

from msgspec import Struct

from searchkit.statements.text import Span

# An answer in quotation marks: 'called it "a fairy story"'.
QUOTED = r"[\"“][^\"”]{3,160}[\"”]"
# How a lie is called in plain words.
FALSE = (
    r"(?:untrue|false|not true|nonsense|wrong|a lie|lies|invented|made up|mistaken|baseless|an invention|a fabrication"
    r"|fiction|backwards|rubbish|laughable|ludicrous|absurd|ridiculous|malicious|not what (?:took place|happened))\b"
)


class Rejection(Struct, frozen=True, kw_only=True):
    """A rejected claim in one sentence: the words of the answer, who made the claim, and the claim's own words.

    `claim` are the words of the claim in this sentence, `named` the words for it ("Holm's claim"); `topic` is what both
    say of it ("of a secret sale"). `denier` is the text around the verb, which names who rejects. A bare rejection has
    no words of the claim. What may only be criticism is a rejection `of_target`: if the claim is about who denies.
    """

    answer: Span
    sentence: Span
    noun: str
    owner: str
    claim: Span | None
    named: Span
    topic: str
    denier: str
    is_bare: bool = False
    of_target: bool = False
