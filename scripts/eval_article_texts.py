"""Print the text that the searchkit of a checkout reads from each page of a set, as JSON lines.

usage: python scripts/eval_article_texts.py CHECKOUT FOLDER
"""

import gzip
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

_NOW = datetime(2026, 4, 1, tzinfo=UTC)


def main(checkout: str, folder: Path) -> None:
    """Print one line for each page, with an empty text for a page that is refused."""
    sys.path.insert(0, checkout)
    from searchkit import parse
    from searchkit.crawl.base import new_resource
    from searchkit.errors import InputError

    for line in (folder / "gold.jsonl").read_bytes().splitlines():
        row = json.loads(line)
        body = gzip.decompress((folder / row["html"]).read_bytes())
        try:
            resource = new_resource(row["url"], body, media_type="text/html", now=_NOW)
            text = parse.article(resource, today=_NOW.date()).text
        except InputError:
            text = ""
        print(json.dumps({"id": row["id"], "text": text}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
