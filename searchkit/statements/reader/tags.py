"""Give each token of a sentence a letter for its class; the neighbours decide where a word has several.

N name   n noun   # number   d determiner   p o pronoun as subject and object   z pronoun with its verb ("he's")
R finite verb of speech or other   b its base or participle behind an auxiliary   f infinitive   e participle
g -ing   x auxiliary   a adverb   i preposition   s subordinator   q question word of a clause   c conjunction
t that   w relative pronoun   Q quotation   , ; : - ( ) marks
"""

from collections.abc import Callable

from msgspec import Struct

from searchkit.statements.quotes.reading import Sentence
from searchkit.statements.reader.lexicon import Lexicon

_MARKS = frozenset(",;:-()#Q")
_ASKED = frozenset("GHPMSOECL")  # letters of tags.txt that the neighbours decide
_NOMINAL, _FINITE = frozenset("dnN#"), frozenset("xRF")
_ACCORDING = ["according", "to"]
_REACH = 14  # so far, in tokens, the main verb may follow a participle: "people briefed on the plan say"


class Word(Struct, eq=False):
    """An undecided verb form: `before` is the token in front of its adverbs (-1 for none), `left` and `right` the tags
    around them ("^" and "$" at the ends), `lead` and `following` the words; `attached`: without adverbs."""

    low: list[str]
    tags: list[str]
    at: int
    word: str
    kinds: frozenset[str]
    before: int
    left: str
    right: str
    lead: str
    following: str

    @property
    def attached(self) -> bool:
        return self.before == self.at - 1


class Tagger:
    """Tags sentences by a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        words = self.words = lexicon.words
        self.pronouns = words["pronoun"]
        self._office_starts = frozenset(office[0] for office in lexicon.offices)
        self.claims = words["speech-noun | fact-noun"]

    def tags(self, sentence: Sentence) -> list[str]:
        """Return a letter for each token."""
        low, raws, named = sentence.low, sentence.raw, sentence.named
        tags = list(map(self.lexicon.letter, low))
        title = sentence.is_title()
        # Most tokens are lower-case words with one letter; the comprehension leaves them out faster than a loop.
        asked = [
            at
            for at, (tag, raw, mention) in enumerate(zip(tags, raws, named, strict=True))
            if raw[0].isupper() or mention is not None or tag in _ASKED
        ]
        for at in asked:
            tag = tags[at]
            if tag not in _MARKS and self._is_name(sentence, at, tags, title=title):
                tags[at] = "N"
            elif tag in _ASKED:
                tags[at] = self._asked(tags, at, low)
        for at, tag in enumerate(tags):
            if tag in "vtu" or (tag == "n" and at and tags[at - 1] in "xiaNn"):
                tags[at] = self._decided(sentence, tags, at)
        return tags

    def _is_name(self, sentence: Sentence, at: int, tags: list[str], *, title: bool) -> bool:
        """Return whether a token is a name or a word with a capital inside a sentence."""
        word, mention = sentence.low[at], sentence.named[at]
        capital = sentence.raw[at][0].isupper()
        if capital and word in self._office_starts and (word, *sentence.low[at + 1 : at + 2]) in self.lexicon.offices:
            return True
        inside = capital and at > 0 and not title and word not in self.pronouns
        if not inside and (mention is None or not (capital or mention.kind != "person")):
            return False
        closed = self.lexicon.plain.get(word, "n")
        return closed not in "idt" + "c" * (not inside) or (inside and tags[at - 1] == "N")

    def _asked(self, tags: list[str], at: int, low: list[str]) -> str:
        """Return the letter of a word whose neighbours decide, and whose letter in tags.txt is a capital."""
        tag, word = tags[at], low[at]
        plain = self.lexicon.plain.get(word) or ("v" if word in self.lexicon.forms else "g")
        left, following = (tags[at - 1] if at else "^"), low[at + 1] if at + 1 < len(low) else ""
        if tag == "L" and low[at - 1 : at] == ["at"]:
            tags[at - 1] = "d"  # "at least 40"
            return "d"
        counts = following[:1].isdigit() or following in self.words["count"]
        holds, letter = {
            "G": (left in _NOMINAL, "n"),  # "the hearing"
            "H": (left != "x", "g"),  # "being late", but "is being"
            "P": (following not in {"", ",", "of"}, "d"),  # "both pilots"
            "M": (counts, "d"),  # "about 40"
            "S": (left == "x", "a"),  # "has since left"
            "O": (left in _NOMINAL, "n"),  # "a new one"
            "E": (following in {"on", "in"} or following in self.words["weekday"], "a"),  # "early on Friday"
            "C": (left != "x" and low[at - 1 : at] != ["to"], "n"),  # "a clear day"
        }.get(tag, (False, ""))
        return letter if holds else plain

    def _decided(self, sentence: Sentence, tags: list[str], at: int) -> str:
        """Return the letter of a token that the first pass left open."""
        tag = tags[at]
        if tag == "v":
            return _VERBS.letter(self, self._word(sentence, tags, at), "n")
        if tag == "t":
            return _THATS.letter(self, self._word(sentence, tags, at, adverbs=""), "d")
        if tag == "u":
            ahead = _past_adverbs(tags, at + 1)
            if "".join(tags[at + 1 : at + 3]) in {"cN", "cn", "cd"} and tags[at - 1 : at] != ["i"]:
                return "p"  # "said it and Lind's firm had agreed"
            return "p" if ahead < len(tags) and tags[ahead] in "xvzQ" else "o"
        if tag == "n" and self._is_unknown_verb(tags, at, sentence.low):
            return "f" if at and sentence.low[at - 1] == "to" else "b"
        return tag

    def _is_unknown_verb(self, tags: list[str], at: int, low: list[str]) -> bool:
        """Return whether a word that no list has is a verb: behind a modal, "did" or "to", or before "themselves"."""
        word, following = low[at], low[at + 1] if at + 1 < len(low) else ""
        if at and word.endswith("s") and tags[at - 1] in "nN":
            return following.endswith(("self", "selves")) or following in self.words["object-pronoun"]
        return word.isalpha() and self._follows_auxiliary(tags, at, low)

    def _follows_auxiliary(self, tags: list[str], at: int, low: list[str]) -> bool:
        """Return whether a modal, "did", "not to" or "to" leads to the unknown word at `at`."""
        word, following = low[at], low[at + 1] if at + 1 < len(low) else ""
        before = at - 1
        while before >= 0 and tags[before] == "a":
            before -= 1
        if before < 0:
            return False
        if tags[before] == "x":
            return (low[before] in self.words["modal"] or low[before].startswith(("did", "do"))) and low[at - 1] != "no"
        if low[max(0, before - 1) : before + 1] == ["not", "to"]:
            return True
        if low[before] != "to" or before < at - 1 or tags[before] != "i" or word in self.lexicon.people:
            return False
        opens = (at + 1 < len(tags) and tags[at + 1] in "dtNou") or following in self.words["verb-particle"]
        return opens and not word.endswith(("s", "ing", "ion", "ment", "ity")) and low[max(0, at - 2)] != "according"

    def _word(self, sentence: Sentence, tags: list[str], at: int, adverbs: str = "a") -> Word:
        before = at - 1
        while before >= 0 and tags[before] in adverbs:
            before -= 1
        low = sentence.low
        left, lead = (tags[before], low[before]) if before >= 0 else ("^", "")
        right, following = (tags[at + 1], low[at + 1]) if at + 1 < len(tags) else ("$", "")
        return Word(low, tags, at, low[at], self.lexicon.kinds(low[at]), before, left, right, lead, following)

    # --- "that" ---

    def is_relative(self, that: Word) -> bool:
        """Return whether "that" is a relative pronoun: "rules that could", "a sign that read: “...”"."""
        tags, at = that.tags, that.at
        ahead = next((k for k in range(at + 1, len(tags)) if tags[k] != "a"), at)
        if that.right == "a":
            return tags[ahead] in "xvz"
        plain = that.following not in self.lexicon.nouns or that.following.endswith("ed")
        return that.right == "x" or plain or tags[at + 2 : at + 3] in (["Q"], [":"])

    def goes_on(self, that: Word) -> bool:
        """Return whether a clause follows the comma or preposition behind "that": "said that, in May, it closed"."""
        rest = that.tags[that.at + 2 :]
        again = rest.index(",") if "," in rest else -1
        verbal = not set("xvzQ").isdisjoint(rest[again + 1 :] if that.right == "," else rest)
        return that.left in "RgDNnv" and verbal and (again >= 0 or that.right == "i")

    def opens_clause(self, that: Word) -> bool:
        """Return whether a clause with a verb follows behind a verb, a noun of speech, an adverb or a day."""
        tags, first = that.tags, that.at + 1 + (that.right == "v")
        ahead = next((k for k in range(first, min(len(tags), that.at + 24)) if tags[k] in "xzpvw,;:Q"), that.at + 1)
        if ahead <= that.at + 1 or tags[ahead] not in "xzpvwQ":
            return False
        reported = (
            that.left in "RgbfxvoDaQ"
            or (that.left == "c" and "t" in tags[: that.at])
            or that.lead in self.words["weekday"]
            or that.lead in self.claims
        )
        return reported or (that.left in "nN" and tags[ahead] != "v")

    # --- conditions of the rows ---

    def is_noun_behind_auxiliary(self, verb: Word) -> bool:
        """Return whether an auxiliary does not go with the form: "has rules", "will claims"."""
        if not verb.attached:
            return False
        if verb.lead in self.words["have"]:
            return "n" not in verb.kinds
        return (verb.lead in self.words["modal"] and "b" not in verb.kinds) or (
            verb.lead in self.words["be"] and "s" in verb.kinds
        )

    def is_owned_claim(self, verb: Word) -> bool:
        if verb.word not in self.claims or verb.following not in self.words["that"]:
            return False
        near = verb.low[max(0, verb.at - 3) : verb.at]
        return any(word.endswith(("'s", "s'")) or word in self.words["possessive"] for word in near)

    def is_subject_of_auxiliary(self, verb: Word) -> bool:
        return verb.word in self.lexicon.nouns and verb.following not in {"do", "did"}

    def is_participle(self, verb: Word) -> bool:
        """Return whether a form is a participle behind "when" or at the start, where "Said" is inverted."""
        return verb.attached and (verb.left == "s" or verb.word not in self.words["past"])

    def is_say(self, verb: Word) -> bool:
        """Return whether "say" is a verb: "critics say", "67 percent, say they"; not "the final say"."""
        if verb.word not in self.words["say-verb"]:
            return False
        return verb.lead not in self.words["say-adjective"] if verb.left in "nN" else verb.right in "pdtuNn"

    def shows_words(self, verb: Word) -> bool:
        return verb.word in self.words["handing"] and "Q" in verb.tags[verb.at + 1 : verb.at + 3]

    def is_plain_finite(self, verb: Word) -> bool:
        """Return whether a form that only a verb has is finite behind a noun: "s", a plural subject, or a clause."""
        name = verb.left == "N" and verb.right in "dptQou"
        return "s" in verb.kinds or verb.lead.endswith("s") or name

    def is_adjective(self, verb: Word) -> bool:
        """Return whether a past form describes the noun behind it: ", informed sources said"."""
        cue = self.lexicon.cues.get(verb.word)
        if verb.right == "#" or not verb.attached:  # "said wholly owned Lind Inc", "said consolidated 1986 income"
            return verb.left in "Rt^" and cue is None
        named = verb.right == "N" and (cue is not None or verb.left in "QnN")
        spoken = cue is not None and (cue.needs == "strong" or verb.left not in "#,")
        if named or spoken or verb.following in self.words["time-adjective"]:  # "denied last week that"
            return False
        if verb.left in "RQ":
            return cue is None
        return verb.left in "^," or (verb.left in "nNc#" and self._verb_follows(verb))

    @staticmethod
    def _verb_follows(verb: Word) -> bool:
        """Return whether a verb stands behind the nouns that follow."""
        tags = verb.tags
        ahead = next((k for k in range(verb.at + 1, len(tags)) if tags[k] not in "nN#a"), len(tags))
        return ahead < len(tags) and tags[ahead] in "vx" and not verb.low[ahead].endswith("ing")

    def speaks(self, verb: Word) -> bool:
        cue = self.lexicon.cues.get(verb.word)
        return cue is not None and cue.needs in {"strong", "clause"}

    def is_main_behind_aside(self, verb: Word) -> bool:
        """Return whether a verb closes an aside: no verb stands before it, but a comma."""
        earlier = verb.tags[: verb.before]
        return "," in earlier and _FINITE.isdisjoint(earlier)

    def opens_participle(self, verb: Word) -> bool:
        """Return whether a participle opens a phrase: "Asked about it", ", known as"."""
        if verb.left == "," and self.is_main_behind_aside(verb):
            return False
        return not (self.speaks(verb) and verb.left == "," and "," in verb.tags[: verb.before])

    def is_reduced_relative(self, verb: Word) -> bool:
        """Return whether another finite verb follows: "people briefed on the plan say"; or "by", or a state."""
        cue = verb.left == "N" and verb.word in self.lexicon.cues
        if cue or self.speaks(verb):
            return False
        if verb.following == "by" or verb.word in self.words["state-participle"]:
            return True
        tags, at = verb.tags, verb.at
        if not _FINITE.isdisjoint(tags[max(0, at - 8) : at]):
            return False
        if verb.following == "to" and verb.word not in self.words["pushed"]:
            return False
        ahead = next((k for k in range(at + 1, min(len(tags), at + _REACH)) if tags[k] in "x,;:cwtsqQ-v"), at)
        if tags[ahead] == "v" and ahead > at:
            past = "d" in self.lexicon.kinds(verb.low[ahead]) and tags[ahead - 1] in "nN"
            return verb.low[ahead] in self.words["never-noun | say-verb"] or past
        return tags[ahead] == "x"

    def is_plural_clause(self, verb: Word) -> bool:
        """Return whether a base form has a plural subject and an object or clause: "officials believe that"."""
        lead = verb.lead
        plural = (lead.endswith("s") and not lead.endswith("ss")) or lead in self.lexicon.plurals or verb.left == "N"
        if not plural or (verb.left == "N" and verb.right == "N"):
            return False
        return (
            verb.right not in "i,$"
            or verb.following == "to"
            or verb.word in self.words["opinion-verb"]
            or (verb.right == "$" and verb.word in self.lexicon.cues)
        )

    def _is_counted(self, verb: Word) -> bool:
        """Return whether a number stands in the phrase before: "the two investigative reports"."""
        first = verb.before
        while first > 0 and verb.tags[first - 1] in "nNd#":
            first -= 1
        return "#" in verb.tags[first : verb.before] or not self.words["these"].isdisjoint(
            verb.low[first : verb.before]
        )

    def is_s_finite(self, verb: Word) -> bool:
        cue = verb.word in self.lexicon.cues
        if verb.left == "n" and verb.right in "i,$" and not cue and verb.following != "to":
            return False
        if verb.left == "n" and self._is_counted(verb):
            return False
        return verb.left != "," or verb.right in "tQdp" or (verb.right in "nN" and cue)


def _past_adverbs(tags: list[str], at: int) -> int:
    while at < len(tags) and tags[at] == "a":
        at += 1
    return at


_OPENING = "dptQoi,$saT:wNzu#xq"

# Example, letters on the left, kinds of the form, letters on the right, condition, letter. An empty text allows all;
# "!" excludes the letters behind it; one of the kinds is enough.
_Row = tuple[str, str, str, str, Callable[[Tagger, Word], bool] | None, str]


class _Table:
    """Rows of which the first that holds decides; those that neighbours and kinds exclude are not tried."""

    def __init__(self, *rows: _Row) -> None:
        self._rows = rows
        self._possible: dict[tuple[str, str, frozenset[str]], list[_Row]] = {}

    def letter(self, tagger: Tagger, word: Word, otherwise: str) -> str:
        key = word.left, word.right, word.kinds
        if key not in self._possible:
            self._possible[key] = [row for row in self._rows if _allows(row, *key)]
        for _, _, _, _, holds, letter in self._possible[key]:
            if holds is None or holds(tagger, word):
                return letter
        return otherwise


def _allows(row: _Row, left: str, right: str, kinds: frozenset[str]) -> bool:
    sides = ((row[1], left), (row[3], right))
    fits = all(
        not letters or (letter not in letters if letters[0] == "!" else letter in letters) for letters, letter in sides
    )
    return fits and (not row[2] or not kinds.isdisjoint(row[2]))


# The letter of "that"; by default it points.
_THATS = _Table(
    ("rules that could", "nNo", "", "xav", Tagger.is_relative, "w"),
    ("said that, later, it", "Rb", "", ",ai", None, "t"),
    ("that is", "", "", "x$;", None, "n"),
    ("the fact that, in May, it", "RgDNnv", "", ",i", Tagger.goes_on, "t"),
    ("that of Lind", "", "", ",i", None, "n"),
    ("that he", "", "", "pzdQsqtuwN(g", None, "t"),
    ("that closing", "", "", "v", lambda _, v: v.following.endswith("ing"), "t"),
    ("said that pumps are", "", "", "", Tagger.opens_clause, "t"),
)

# The letter of a form that may be a verb; by default it is a noun.
_VERBS = _Table(
    ("has rules", "x", "", "", Tagger.is_noun_behind_auxiliary, "n"),
    ("did say; he's said", "xz", "", "", None, "b"),
    ("Asked if, when asked", "^s", "n", "!nN", Tagger.is_participle, "e"),
    ("last fall", "", "", "", lambda t, v: v.attached and v.lead in t.words["time-adjective"], "n"),
    ("says", "!di", "", "", lambda t, v: v.word in t.words["never-noun"], "R"),
    ("two says", "di", "", "", lambda t, v: v.lead in t.words["counting"] and v.word in t.words["never-noun"], "R"),
    ("critics say", "nN,)bRe", "", "", Tagger.is_say, "R"),
    ("this explains why", "", "s", "dtpqwQs", lambda t, v: v.lead in t.words["summing-up"], "R"),
    ("40 percent say that", "#", "", "", lambda t, v: v.word in t.words["say-verb"], "R"),
    ("delegates said", "!pwxz", "", "vx", lambda t, v: v.word in t.lexicon.people, "n"),
    ("Lind's reports", "nN", "", "", lambda _, v: v.attached and v.lead.endswith(("'s", "s'")), "n"),
    ("according to claims", "i", "", "", lambda _, v: v.low[max(0, v.before - 1) : v.before + 1] == _ACCORDING, "n"),
    ("to say", "i", "b", "", lambda _, v: v.lead == "to", "f"),
    ("had said", "bRF", "", "", lambda t, v: v.attached and v.lead in t.lexicon.helping, "b"),
    ("the saying,", "d", "g", "i,RF$xtR)", lambda _, v: v.kinds == {"g"}, "n"),
    ("saying", "", "g", "", lambda _, v: v.kinds == {"g"}, "g"),
    ("his claim that", "", "", "", Tagger.is_owned_claim, "n"),
    ("each said the", "d", "sd", "dtpQ", lambda t, v: v.lead in t.words["alone"], "R"),
    ("whose reports", "", "", "", lambda _, v: v.lead == "whose", "n"),
    ("reports which", "n", "s", "w", lambda t, v: v.word in t.lexicon.nouns, "n"),
    ("the report is", "nN", "", "x", Tagger.is_subject_of_auxiliary, "n"),
    ("all the others found two", "d", "d", "#dtN", lambda _, v: v.before > 0 and v.tags[v.before - 1] == "d", "R"),
    ("the claim", "d", "", "", None, "n"),
    ("two claims", "#", "s", "", None, "n"),
    ("it states", "Nn)e", "sb", "", lambda t, v: v.word not in t.lexicon.nouns and t.is_plain_finite(v), "R"),
    ("the city state", "Nn)e", "sb", "", lambda t, v: v.word not in t.lexicon.nouns, "n"),
    ("for reported", "i", "d", "", None, "n"),
    ("having seen boats", "ge", "d", "nNv", lambda _, v: v.attached, "n"),
    ("went", "", "d", "", lambda _, v: "n" not in v.kinds, "R"),
    ("Lind, a pilot, runs to", ",", "s", "idptQ", Tagger.is_main_behind_aside, "R"),
    ("a poster read, “", "nN", "", "", Tagger.shows_words, "R"),
    ("Lind, a pilot, left", ",", "d", "", Tagger.is_main_behind_aside, "R"),
    ("informed sources", "", "d", "nN#", Tagger.is_adjective, "n"),
    (", known as", ",^-(", "d", "i", Tagger.opens_participle, "e"),
    (", asked the way", ",^", "d", "!dtpo", lambda t, v: v.word not in t.lexicon.cues, "e"),
    ("people briefed on it say", "nN", "d", "i", Tagger.is_reduced_relative, "e"),
    ("said", "", "d", "", None, "R"),
    ("they say", "pw", "", "", None, "R"),
    ("let him say", "o", "b", "", None, "b"),
    ("of claims", "oi", "", "", None, "n"),
    ("officials often say", "Nn),-e", "", "!$", lambda _, v: not v.attached, "R"),
    ("the city states that", "Nn),-e", "s", _OPENING, Tagger.is_s_finite, "R"),
    ("they close the", "Nn),-e", "b", "dt", lambda _, v: v.following not in {"all", "no"}, "R"),
    ("officials believe that", "Nn)", "b", _OPENING, Tagger.is_plural_clause, "R"),
    ("“...” says", "Q", "", "", lambda t, v: v.right in "ndNp,$" or v.word in t.lexicon.cues, "R"),
    ("and says that", "c", "", "dtpQou", None, "R"),
)
