"""What `export/format.py` says of dates, speakers and statements, for the commands."""

from searchkit.export.format import (
    date_text,
    gone_text,
    match_text,
    matched_entries,
    page_text,
    speaker_text,
    words_doubt,
)

__all__ = ["date_text", "gone_text", "match_text", "matched_entries", "page_text", "speaker_text", "words_doubt"]
