"""What trafilatura takes for the article, without those of its steps that cannot change what it takes.

It asks readability about every page, copies the tree for each step, and mostly keeps what it found first. Here it is
clear beforehand when it must: the steps are its own, and wherever another could win, it walks its own way.
"""

from copy import copy
from functools import cache, cached_property
from typing import Any
from unicodedata import normalize

from searchkit.parse.html import tree

# trafilatura believes readability when that finds more than twice as much.
_MUCH_MORE = 2


@cache
def _options() -> Any:
    from trafilatura.settings import Extractor

    return Extractor(comments=False, output_format="txt")


class Extractor:
    """The article in a tree, as trafilatura and as readability have it. It takes comments out of the tree."""

    def __init__(self, root: Any) -> None:
        self._root = root

    def article(self) -> str:
        """What trafilatura finds; empty when that is nothing."""
        import trafilatura

        try:
            kept = self._kept()
            return trafilatura.extract(self._root, include_comments=False) or "" if kept is None else kept
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  whatever it stumbles over, the page still has its text
            return ""

    @cached_property
    def most_readable(self) -> int:
        """How many signs readability gives at most. Takes a tenth of its time."""
        return tree.most_readable(self._root)

    @cached_property
    def readable(self) -> Any:
        """What readability takes for the article, as a tree; None when it finds nothing."""
        return tree.readable(copy(self._root))

    def _kept(self) -> str | None:
        """What trafilatura finds first, if nothing that it may try after that can win."""
        from trafilatura.baseline import html2txt
        from trafilatura.core import ESCALATION_MAX_LENGTH, ESCALATION_PAGE_SHARE
        from trafilatura.external import SANITIZED_XPATH
        from trafilatura.htmlprocessing import convert_tags, prune_unwanted_nodes, tree_cleaning
        from trafilatura.main_extractor import extract_content
        from trafilatura.xml import xmltotxt
        from trafilatura.xpaths import RAW_TREE_PRUNE_XPATH, REMOVE_COMMENTS_AND_LISTS_XPATH

        options = _options()
        if self._root.xpath("boolean(//script[contains(., 'DiscussionForumPosting')])"):
            return None  # of a forum it keeps the comments
        for unwanted in (RAW_TREE_PRUNE_XPATH, REMOVE_COMMENTS_AND_LISTS_XPATH):
            prune_unwanted_nodes(self._root, unwanted)
        body, text = extract_content(convert_tags(tree_cleaning(copy(self._root), options), options, None), options)
        size = len(text)
        is_sound = (
            size >= options.min_extracted_size
            and not body.xpath(SANITIZED_XPATH)
            and bool(body.xpath("boolean(.//p//text())"))
            and len(body.findall(".//table")) <= len(body.findall(".//p"))
        )
        if not is_sound or (
            size < ESCALATION_MAX_LENGTH and size < ESCALATION_PAGE_SHARE * len(html2txt(self._root))
        ):
            return None
        if self.most_readable > _MUCH_MORE * size and self.readable is not None:
            if tree.length(self.readable) > _MUCH_MORE * size:
                return None
        return normalize("NFC", str(xmltotxt(body, options.formatting)).strip())
