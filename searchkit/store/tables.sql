-- `documents` and `revisions` hold records (encoding.py): large rows, which SQLite finds three times as fast by number
-- as by key. `facts` are small rows of what is counted, what is looked up (`uri`, `claim`, `canonical`), and what changes
-- without the record, so that counting reads no record.
CREATE TABLE documents (
    id TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    extractor TEXT NOT NULL,
    statements INTEGER NOT NULL,
    record BLOB NOT NULL
);
CREATE INDEX documents_extractor ON documents (extractor);
CREATE TABLE revisions (
    document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (document, revision)
);
CREATE TABLE facts (
    document TEXT PRIMARY KEY,
    first_seen TEXT NOT NULL,
    dated INTEGER NOT NULL,
    signed INTEGER NOT NULL,
    quoted INTEGER NOT NULL,
    failed_sentences INTEGER NOT NULL DEFAULT 0,
    gone_at TEXT NOT NULL DEFAULT '',
    copies TEXT NOT NULL DEFAULT '',
    uri TEXT NOT NULL DEFAULT '',
    claim TEXT NOT NULL DEFAULT '',
    canonical TEXT NOT NULL DEFAULT '',
    sketch INTEGER
) WITHOUT ROWID;
CREATE INDEX facts_sketch ON facts (sketch);
CREATE INDEX facts_copies ON facts (copies) WHERE copies <> '';
CREATE INDEX facts_gone ON facts (gone_at) WHERE gone_at <> '';
CREATE INDEX facts_failed ON facts (failed_sentences) WHERE failed_sentences > 0;
CREATE INDEX facts_uri ON facts (uri);
CREATE INDEX facts_claim ON facts (claim) WHERE claim <> '';
CREATE INDEX facts_canonical ON facts (canonical) WHERE canonical <> '';
CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('put', 'delete')),
    at TEXT NOT NULL,
    mark TEXT NOT NULL
);
-- `failures` has a row for each bad part of a resource. `run_coverage` has what earlier versions counted.
CREATE TABLE resources (
    uri TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    document TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    fetched_at TEXT NOT NULL DEFAULT '',
    gone_at TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX resources_document ON resources (document, gone_at, source);
CREATE INDEX resources_digest ON resources (digest);
CREATE TABLE failures (
    uri TEXT NOT NULL,
    digest TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    at TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (uri, digest, reason)
) WITHOUT ROWID;
CREATE TABLE crashing_resources (
    uri TEXT NOT NULL,
    digest TEXT NOT NULL,
    reason TEXT NOT NULL,
    since TEXT NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (uri, digest)
) WITHOUT ROWID;
CREATE TABLE runs (
    source TEXT PRIMARY KEY,
    last_run TEXT NOT NULL,
    last_success TEXT NOT NULL,
    last_reason TEXT NOT NULL,
    description TEXT NOT NULL,
    not_read TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE run_coverage (
    source TEXT NOT NULL,
    at TEXT NOT NULL,
    field TEXT NOT NULL,
    documents INTEGER NOT NULL,
    present INTEGER NOT NULL,
    PRIMARY KEY (source, at, field)
) WITHOUT ROWID;
-- `sketches` are distinct texts; `sketch_pairs` are near-duplicates, in both directions.
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
-- What alerts have found (`first` and `last` are positions in the text), which sinks have accepted it, and their runs.
CREATE TABLE alerts (
    name TEXT PRIMARY KEY,
    question TEXT NOT NULL,
    asked TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    since TEXT NOT NULL,
    last_run TEXT NOT NULL,
    last_new TEXT NOT NULL,
    failure TEXT NOT NULL,
    mark TEXT NOT NULL
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
    query TEXT NOT NULL,
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
