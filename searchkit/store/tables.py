"""The tables of the store, and the steps from each version of them to the next.

A new store takes all steps too, so that there is one way to every version. What an older store lacks is empty in the
eyes of a reader that may not change it (AS_EMPTY).
"""

from searchkit.store.row_checksums import sealed_anew

_VERSION_1 = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    extractor TEXT NOT NULL,
    statements INTEGER NOT NULL,
    text TEXT NOT NULL,
    record TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE revisions (
    document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (document, revision)
) WITHOUT ROWID;
CREATE TABLE resources (
    uri TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    document TEXT NOT NULL,
    seen_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('put', 'delete')),
    at TEXT NOT NULL
);
"""
# `facts` are what is counted and what changes without the record: small rows, so that counting reads no record and a
# mark rewrites none. `sketches` are distinct texts, `sketch_pairs` those that are copies, in both directions.
# Documents of a version 1 store have no sketch yet: they count as annotated by another version, and so get one.
_VERSION_2 = """
ALTER TABLE resources ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE resources ADD COLUMN fetched_at TEXT NOT NULL DEFAULT '';
ALTER TABLE resources ADD COLUMN gone_at TEXT NOT NULL DEFAULT '';
CREATE INDEX resources_document ON resources (document, gone_at, source);
CREATE TABLE facts (
    document TEXT PRIMARY KEY,
    first_seen TEXT NOT NULL,
    dated INTEGER NOT NULL,
    signed INTEGER NOT NULL,
    quoted INTEGER NOT NULL,
    gone_at TEXT NOT NULL DEFAULT '',
    copies TEXT NOT NULL DEFAULT '',
    sketch INTEGER
) WITHOUT ROWID;
INSERT INTO facts (document, first_seen, dated, signed, quoted)
    SELECT
        id,
        coalesce(json_extract(record, '$.first_seen'), ''),
        coalesce(json_extract(record, '$.published.confidence') <> 'low', 0),
        coalesce(json_array_length(record, '$.byline') > 0, 0),
        statements > 0
    FROM documents;
CREATE INDEX facts_sketch ON facts (sketch);
CREATE INDEX facts_copies ON facts (copies) WHERE copies <> '';
CREATE INDEX facts_gone ON facts (gone_at) WHERE gone_at <> '';
UPDATE documents SET extractor = '0' || extractor;
CREATE TABLE failures (
    uri TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    version TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (
    source TEXT PRIMARY KEY,
    last_run TEXT NOT NULL,
    last_success TEXT NOT NULL,
    last_reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE sketches (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    sketch BLOB NOT NULL
);
CREATE TABLE sketch_hashes (
    hash INTEGER NOT NULL,
    sketch INTEGER NOT NULL,
    PRIMARY KEY (hash, sketch)
) WITHOUT ROWID;
CREATE TABLE sketch_pairs (
    sketch INTEGER NOT NULL,
    other INTEGER NOT NULL,
    PRIMARY KEY (sketch, other)
) WITHOUT ROWID;
"""
# `held` tells which files hold what is known by an address of its own (a page in a WARC file, a linked item of a feed
# file); a resource without a row in it is found at its own address alone. `failed` has a row for each bad part, so that
# a file with several has several. `described` is how a source was described when it was asked last.
_VERSION_3 = """
CREATE TABLE held (
    uri TEXT NOT NULL,
    container TEXT NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY (uri, container)
) WITHOUT ROWID;
CREATE INDEX held_container ON held (container, gone);
CREATE TABLE failed (
    uri TEXT NOT NULL,
    container TEXT NOT NULL,
    digest TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    at TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (uri, container, digest, reason)
) WITHOUT ROWID;
CREATE INDEX failed_container ON failed (container);
INSERT INTO failed SELECT uri, '', digest, reason, source, at, version FROM failures;
DROP TABLE failures;
CREATE TABLE described (source TEXT PRIMARY KEY, description TEXT NOT NULL) WITHOUT ROWID;
"""
# What alerts have found (`first` and `last` are the place of the words), what no sink has accepted yet, and their runs.
_VERSION_4 = """
CREATE TABLE alerts (
    name TEXT PRIMARY KEY,
    question TEXT NOT NULL,
    asked TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    since TEXT NOT NULL,
    last_run TEXT NOT NULL,
    last_new TEXT NOT NULL,
    failure TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE alert_records (
    alert TEXT NOT NULL,
    record TEXT NOT NULL,
    change TEXT NOT NULL,
    document TEXT NOT NULL,
    digest TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    words TEXT NOT NULL,
    run INTEGER NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (alert, record, change)
) WITHOUT ROWID;
CREATE INDEX alert_records_document ON alert_records (document, alert);
CREATE INDEX alert_records_run ON alert_records (run) WHERE run > 0;
CREATE TABLE alert_deliveries (
    sink TEXT NOT NULL,
    alert TEXT NOT NULL,
    record TEXT NOT NULL,
    change TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    accepted_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (sink, alert, record, change)
) WITHOUT ROWID;
CREATE INDEX alert_deliveries_open ON alert_deliveries (sink) WHERE accepted_at = '';
CREATE TABLE alert_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    notes TEXT NOT NULL
);
"""
# What has ended worker processes (quarantine.py): in so many runs, the last time for this reason.
_DEADLY = """(
    uri TEXT NOT NULL,
    digest TEXT NOT NULL,
    reason TEXT NOT NULL,
    since TEXT NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (uri, digest)
) WITHOUT ROWID;
"""
_VERSION_5 = f"CREATE TABLE deadly {_DEADLY}"
# Every row with a seal (seals.py). Each table is made anew, since SQLite adds no such column to one that is there.
_SEALED: dict[str, tuple[tuple[str, ...], str]] = {
    "documents": (
        (
            *("id TEXT PRIMARY KEY", "revision INTEGER NOT NULL", "sequence INTEGER NOT NULL"),
            *("extractor TEXT NOT NULL", "statements INTEGER NOT NULL", "text TEXT NOT NULL", "record TEXT NOT NULL"),
        ),
        "",
    ),
    "revisions": (
        ("document TEXT NOT NULL", "revision INTEGER NOT NULL", "text TEXT NOT NULL", "record TEXT NOT NULL"),
        "document, revision",
    ),
    "resources": (
        (
            *("uri TEXT PRIMARY KEY", "digest TEXT NOT NULL", "document TEXT NOT NULL", "seen_at TEXT NOT NULL"),
            *("source TEXT NOT NULL DEFAULT ''", "fetched_at TEXT NOT NULL DEFAULT ''"),
            "gone_at TEXT NOT NULL DEFAULT ''",
        ),
        "",
    ),
    "changes": (
        (
            *("sequence INTEGER PRIMARY KEY AUTOINCREMENT", "document TEXT NOT NULL"),
            *("kind TEXT NOT NULL CHECK (kind IN ('put', 'delete'))", "at TEXT NOT NULL"),
        ),
        "",
    ),
    "facts": (
        (
            *("document TEXT PRIMARY KEY", "first_seen TEXT NOT NULL", "dated INTEGER NOT NULL"),
            *("signed INTEGER NOT NULL", "quoted INTEGER NOT NULL", "gone_at TEXT NOT NULL DEFAULT ''"),
            *("copies TEXT NOT NULL DEFAULT ''", "sketch INTEGER"),
        ),
        "",
    ),
    "runs": (
        (
            *("source TEXT PRIMARY KEY", "last_run TEXT NOT NULL", "last_success TEXT NOT NULL"),
            "last_reason TEXT NOT NULL",
        ),
        "",
    ),
    "described": (("source TEXT PRIMARY KEY", "description TEXT NOT NULL"), ""),
    "sketches": (("id INTEGER PRIMARY KEY", "key BLOB NOT NULL UNIQUE", "sketch BLOB NOT NULL"), ""),
    "sketch_hashes": (("hash INTEGER NOT NULL", "sketch INTEGER NOT NULL"), "hash, sketch"),
    "sketch_pairs": (("sketch INTEGER NOT NULL", "other INTEGER NOT NULL"), "sketch, other"),
    "held": (("uri TEXT NOT NULL", "container TEXT NOT NULL", "gone INTEGER NOT NULL"), "uri, container"),
    "failed": (
        (
            *("uri TEXT NOT NULL", "container TEXT NOT NULL", "digest TEXT NOT NULL", "reason TEXT NOT NULL"),
            *("source TEXT NOT NULL", "at TEXT NOT NULL", "version TEXT NOT NULL"),
        ),
        "uri, container, digest, reason",
    ),
    "alerts": (
        (
            *("name TEXT PRIMARY KEY", "question TEXT NOT NULL", "asked TEXT NOT NULL", "sequence INTEGER NOT NULL"),
            *("since TEXT NOT NULL", "last_run TEXT NOT NULL", "last_new TEXT NOT NULL", "failure TEXT NOT NULL"),
        ),
        "",
    ),
    "alert_records": (
        (
            *("alert TEXT NOT NULL", "record TEXT NOT NULL", "change TEXT NOT NULL", "document TEXT NOT NULL"),
            *("digest TEXT NOT NULL", "first INTEGER NOT NULL", "last INTEGER NOT NULL", "words TEXT NOT NULL"),
            *("run INTEGER NOT NULL", "item TEXT NOT NULL"),
        ),
        "alert, record, change",
    ),
    "alert_deliveries": (
        (
            *("sink TEXT NOT NULL", "alert TEXT NOT NULL", "record TEXT NOT NULL", "change TEXT NOT NULL"),
            *("message TEXT NOT NULL DEFAULT ''", "accepted_at TEXT NOT NULL DEFAULT ''"),
        ),
        "sink, alert, record, change",
    ),
    "alert_runs": (("id INTEGER PRIMARY KEY AUTOINCREMENT", "at TEXT NOT NULL", "notes TEXT NOT NULL"), ""),
    "deadly": (
        (
            *("uri TEXT NOT NULL", "digest TEXT NOT NULL", "reason TEXT NOT NULL", "since TEXT NOT NULL"),
            "tries INTEGER NOT NULL",
        ),
        "uri, digest",
    ),
}
_VERSION_6 = (
    "".join(sealed_anew(table, columns, key=key) for table, (columns, key) in _SEALED.items())
    + """
CREATE INDEX resources_document ON resources (document, gone_at, source);
CREATE INDEX facts_sketch ON facts (sketch);
CREATE INDEX facts_copies ON facts (copies) WHERE copies <> '';
CREATE INDEX facts_gone ON facts (gone_at) WHERE gone_at <> '';
CREATE INDEX held_container ON held (container, gone);
CREATE INDEX failed_container ON failed (container);
CREATE INDEX alert_records_document ON alert_records (document, alert);
CREATE INDEX alert_records_run ON alert_records (run) WHERE run > 0;
CREATE INDEX alert_deliveries_open ON alert_deliveries (sink) WHERE accepted_at = '';
"""
)
# Sketches hold names now, and are packed otherwise: all are made anew, as the documents are annotated again. Until then
# no document is a copy of another.
_VERSION_7 = """
DELETE FROM sketch_pairs;
DELETE FROM sketch_hashes;
DELETE FROM sketches;
UPDATE facts SET sketch = NULL, copies = '' WHERE sketch IS NOT NULL;
UPDATE documents SET extractor = '0' || extractor WHERE extractor NOT LIKE '0%';
"""
# What is in quarantine knows the file that held it, and goes with it. A column of a sealed table takes the table anew.
# Programs that knew no quarantine made stores of versions 6 and 7 without that table.
MAY_LACK = {6: frozenset({"deadly"}), 7: frozenset({"deadly"})}
_COLUMNS, _KEY = _SEALED["deadly"]
_VERSION_8 = f"CREATE TABLE IF NOT EXISTS deadly {_DEADLY}" + sealed_anew(
    "deadly", _COLUMNS, key=_KEY, added=("container TEXT NOT NULL DEFAULT ''",)
)
# In a tree of keys of the size of records, only four stand on a page: over 200,000 articles a look-up went through nine
# pages, and a quarter of the file was empty. By number it takes a third of the time.
_VERSION_9 = sealed_anew(
    "documents", ("id TEXT NOT NULL PRIMARY KEY", *_SEALED["documents"][0][1:]), large=True
) + sealed_anew("revisions", _SEALED["revisions"][0], key=_SEALED["revisions"][1], large=True)
# By version, what makes the next of it.
STEPS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6, _VERSION_7, _VERSION_8, _VERSION_9)
# Raised by each step.
STORE_VERSION = len(STEPS)
# Since then every row has a seal.
SEALED_SINCE = 6
# Since then large rows are kept by number; what they took before is given back to the disk.
SMALLER_SINCE = 9

# Asked at every query; without it each time all records would be read. Older archives get it when next written to.
INDEXES = "CREATE INDEX IF NOT EXISTS documents_extractor ON documents (extractor)"

_LACKS_2 = """
CREATE TEMP VIEW resources AS
    SELECT uri, digest, document, seen_at, '' AS source, '' AS fetched_at, '' AS gone_at FROM main.resources;
CREATE TEMP VIEW facts AS
    SELECT id AS document, '' AS first_seen, 0 AS dated, 0 AS signed, statements > 0 AS quoted, '' AS gone_at,
        '' AS copies, NULL AS sketch
    FROM main.documents;
CREATE TEMP TABLE failures (uri TEXT, digest TEXT, source TEXT, reason TEXT, at TEXT, version TEXT);
CREATE TEMP TABLE runs (source TEXT, last_run TEXT, last_success TEXT, last_reason TEXT);
"""
_LACKS_3 = """
CREATE TEMP TABLE held (uri TEXT, container TEXT, gone INTEGER);
CREATE TEMP VIEW failed AS SELECT uri, '' AS container, digest, reason, source, at, version FROM failures;
CREATE TEMP TABLE described (source TEXT, description TEXT);
"""
_LACKS_6 = """
CREATE TEMP VIEW documents AS SELECT *, NULL AS seal FROM main.documents;
CREATE TEMP VIEW revisions AS SELECT *, NULL AS seal FROM main.revisions;
"""
_LACKS_8 = """
CREATE TEMP VIEW deadly AS SELECT uri, digest, reason, since, tries, '' AS container FROM main.deadly;
"""
# By version, for a reader: what the next has and it lacks, in memory. Alerts and the quarantine know that their tables
# may be missing.
AS_EMPTY = ("", _LACKS_2, _LACKS_3, "", "", _LACKS_6, "", _LACKS_8, "")
