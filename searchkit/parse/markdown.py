"""Markdown: front matter, a title, and the text without markup.

A paragraph becomes one line; code blocks and tables keep theirs. Link targets become links of the article.
"""

import html
import re
from datetime import date

from searchkit.parse.base import Draft, web_address
from searchkit.parse.encoding import decode_lines
from searchkit.parse.headers import FIELD_OF, draft
from searchkit.statements.document import Resource

_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]{1,40}|$)")
_UNDERLINE = re.compile(r" {0,3}(?:={2,200}|-{2,200})[ \t]{0,40}")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]{0,4}){3,80}|(?:_[ \t]{0,4}){3,80}|(?:-[ \t]{0,4}){3,80})")
_BULLET = re.compile(r"[ \t]{0,40}(?:[-*+]|\d{1,4}[.)])[ \t]{1,40}")
_QUOTED = re.compile(r"^(?: {0,3}> ?){1,20}")
_DEFINITION = re.compile(r" {0,3}\[([^\[\]\n]{1,200})\]:[ \t]{0,40}<?([^\s<>]{1,2000})>?(?:[ \t].{0,400})?")

_IMAGE = re.compile(r"!\[[^\[\]\n]{0,400}\]\([^()\s]{0,2000}(?:\s[^()\n]{0,400})?\)")
_LINK = re.compile(
    r"\[([^\[\]\n]{1,400})\]\(<?([^()<>\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s<>]{0,400})?)>?(?:\s[^()\n]{0,400})?\)"
)
_REFERENCE = re.compile(r"\[([^\[\]\n]{1,400})\]\[([^\[\]\n]{0,200})\]")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,2000})>")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,30}(?:\s[^<>\n]{0,1000})?/?>|<!--[^<>\n]{0,1000}-->")
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)([^*_~\n]{1,1000})(?<=\S)\1")
_STARS = re.compile(r"\*(?=\S)([^*\n]{1,1000})(?<=\S)\*")
_UNDERSCORES = re.compile(r"(?<!\w)_(?=\S)([^_\n]{1,1000})(?<=\S)_(?!\w)")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,1000})\1")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def _front_matter(lines: list[str]) -> tuple[dict[str, str], int]:
    """Return the `name: value` fields between two lines of dashes at the start, and the position after them."""
    if not lines or lines[0].rstrip() != "---":
        return {}, 0
    end = next((n for n, line in enumerate(lines[1:200], 1) if line.rstrip() in {"---", "..."}), None)
    if end is None:
        return {}, 0
    fields: dict[str, str] = {}
    current = ""
    for line in lines[1:end]:
        name, colon, value = line.partition(":")
        if colon and name.strip() and not line[:1].isspace() and not line.startswith(("-", "#")):
            current = FIELD_OF.get(name.strip().casefold(), "")
            if current and (written := _scalar(value)):
                fields.setdefault(current, written)
        elif current and line.lstrip().startswith("- "):  # a list, one value a line
            written = _scalar(line.lstrip()[2:])
            fields[current] = f"{fields[current]}; {written}" if fields.get(current) else written
    return fields, end + 1


def _scalar(written: str) -> str:
    """Return a value without quotes, or the values of a list in brackets joined by semicolons."""
    value = written.strip()
    if value.startswith("[") and value.endswith("]"):
        return "; ".join(part for piece in value[1:-1].split(",") if (part := _scalar(piece)))
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].strip()
    return value


class _Inline:
    """Removes inline markup and collects link targets."""

    def __init__(self, targets: dict[str, str]) -> None:
        self._targets = targets
        self.links: dict[str, None] = {}

    def _link(self, words: str, target: str) -> str:
        if address := web_address(target):
            self.links[address] = None
        return words

    def _reference(self, match: re.Match[str]) -> str:
        target = self._targets.get((match[2] or match[1]).casefold())
        return match[0] if target is None else self._link(match[1], target)

    def text(self, line: str) -> str:
        """Return `line` as a reader sees it."""
        if not any(char in line for char in "*_[]`<\\~&"):
            return line
        # Move escaped characters to a private range, where no pattern matches, and back at the end.
        line = _ESCAPED.sub(lambda match: chr(0xF0000 + ord(match[1])), line)
        line = _REFERENCE.sub(
            self._reference, _LINK.sub(lambda match: self._link(match[1], match[2]), _IMAGE.sub("", line))
        )
        line = _TAG.sub("", _AUTOLINK.sub(lambda match: self._link(match[1], match[1]), line))
        line = _UNDERSCORES.sub(r"\1", _STARS.sub(r"\1", _STRONG.sub(r"\2", _CODE.sub(r"\2", line))))
        line = html.unescape(line)
        return "".join(chr(ord(char) - 0xF0000) if 0xF0000 < ord(char) < 0xF0080 else char for char in line)


def _blocks(lines: list[str]) -> list[tuple[str, str]]:
    """Return the blocks in order as kind (`heading 1`, `text`, `item`, `line`, `code`) and text."""
    blocks: list[tuple[str, str]] = []
    open_lines: list[str] = []
    kind = "text"

    def close() -> None:
        nonlocal kind
        if open_lines:
            blocks.append((kind, ("\n" if kind == "code" else " ").join(open_lines)))
            open_lines.clear()
        kind = "text"

    fenced = False
    for line in lines:
        if _FENCE.match(line):
            close()
            fenced = not fenced
            kind = "code" if fenced else "text"
        elif fenced:
            open_lines.append(line)
        elif not (bare := _QUOTED.sub("", line, count=1)).strip():
            close()
        elif heading := _HEADING.match(bare):
            close()
            blocks.append((f"heading {len(heading[1])}", bare[heading.end() :].rstrip("# \t")))
        elif _UNDERLINE.fullmatch(bare) and len(open_lines) == 1 and kind == "text":
            kind = "heading 1" if "=" in bare else "heading 2"
            close()
        elif _RULE.fullmatch(bare.rstrip()):
            close()
        elif bullet := _BULLET.match(bare):
            close()
            kind = "item"
            open_lines.append(bare[bullet.end() :].strip())
        elif bare.lstrip().startswith("|"):
            close()
            blocks.append(("item", bare.strip()))
        else:
            open_lines.append(bare.strip().removesuffix("\\"))
            if line.endswith(("  ", "\\")):  # a hard line break
                continued, text_kind = open_lines.copy(), kind
                open_lines.clear()
                blocks.append((text_kind if text_kind == "item" else "line", " ".join(continued)))
    close()
    return blocks


def _join(blocks: list[tuple[str, str]]) -> str:
    """Join blocks with blank lines; list items and lines with hard breaks stay together."""
    parts: list[str] = []
    before = ""
    for kind, text in blocks:
        if parts:
            parts.append("\n" if (before == "item" and kind == "item") or before == "line" else "\n\n")
        parts.append(text)
        before = kind
    return "".join(parts)


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a Markdown text."""
    lines, notes = decode_lines(resource.body, resource.charset)
    lines = lines[next((number for number, line in enumerate(lines) if line), 0) :]
    fields, start = _front_matter(lines)
    targets: dict[str, str] = {}
    body: list[str] = []
    for line in lines[start:]:
        if definition := _DEFINITION.fullmatch(line.rstrip()):
            targets[definition[1].casefold()] = definition[2]
        else:
            body.append(line)
    inline = _Inline(targets)
    blocks = [(kind, text if kind == "code" else inline.text(text).strip()) for kind, text in _blocks(body)]
    blocks = [(kind, text) for kind, text in blocks if text.strip()]
    # A heading at the start is the title, unless front matter has another.
    if len(blocks) > 1 and blocks[0][0].startswith("heading"):
        title = fields.setdefault("title", blocks[0][1])
        if title == blocks[0][1] or blocks[0][0] == "heading 1":
            del blocks[0]
    return draft(fields, text=_join(blocks), today=today, links=tuple(inline.links), notes=notes)
