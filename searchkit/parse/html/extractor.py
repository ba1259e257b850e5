"""What trafilatura takes for the article, without those of its steps that cannot change what it takes.

It asks readability about every page, copies the tree for each step, and mostly keeps what it found first. Here it is
clear beforehand when it must: the steps are its own, and wherever another could win, it walks its own way.
"""

from copy import copy
from functools import cache, cached_property
from typing import Any
from unicodedata import normalize

from searchkit.parse.html import discards, tree

# trafilatura believes readability when that finds more than twice as much.
_MUCH_MORE = 2
# What stands in the attributes of what it takes out first: articles below the article, which few pages have.
APPENDED = ("mvp-post-add-", "infinite", "elementor-share-buttons")


@cache
def _options() -> Any:
    from trafilatura.settings import Extractor

    return Extractor(comments=False, output_format="txt")


class Extractor:
    """The article in a tree, as trafilatura and as readability have it. It takes comments out of the tree."""

    def __init__(self, page: tree.Page) -> None:
        self._root = page.root
        self._markup = page.markup

    def article(self) -> str:
        """What trafilatura finds; empty when that is nothing."""
        for way in (self._kept, self._own_way):
            try:
                if (found := way()) is not None:
                    return found
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001, S112  whatever it stumbles over, the page still has its text
                continue
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

        discards.in_place()
        options = _options()
        if "DiscussionForumPosting" in self._markup:
            return None  # of a forum it keeps the comments
        for element in list(self._root.iter("script", "style")):
            if "json" not in (element.get("type") or ""):
                element.drop_tree()  # every step would leave it out, after copying it
        if any(word in self._markup for word in APPENDED):
            prune_unwanted_nodes(self._root, RAW_TREE_PRUNE_XPATH)
        prune_unwanted_nodes(self._root, REMOVE_COMMENTS_AND_LISTS_XPATH)
        body, text = extract_content(convert_tags(tree_cleaning(copy(self._root), options), options, None), options)
        size = len(text)
        is_sound = (
            size >= options.min_extracted_size
            and not body.xpath(SANITIZED_XPATH)
            and bool(body.xpath("boolean(.//p//text())"))
            and len(body.findall(".//table")) <= len(body.findall(".//p"))
        )
        if not is_sound or (size < ESCALATION_MAX_LENGTH and size < ESCALATION_PAGE_SHARE * len(html2txt(self._root))):
            return None
        most = _MUCH_MORE * size
        if self.most_readable > most and self.readable is not None and tree.length(self.readable) > most:
            return None
        return normalize("NFC", str(xmltotxt(body, options.formatting)).strip())

    def _own_way(self) -> str | None:
        import trafilatura

        found: str | None = trafilatura.extract(self._root, include_comments=False)
        return found
