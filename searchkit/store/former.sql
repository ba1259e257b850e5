-- The tables that version 7 replaced.
CREATE TABLE sketch_hashes (
    hash INTEGER NOT NULL,
    sketch INTEGER NOT NULL,
    checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('sketch_hashes', hash, sketch)) STORED,
    PRIMARY KEY (hash, sketch)
) WITHOUT ROWID;
CREATE TABLE sketch_pairs (
    sketch INTEGER NOT NULL,
    other INTEGER NOT NULL,
    checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('sketch_pairs', sketch, other)) STORED,
    PRIMARY KEY (sketch, other)
) WITHOUT ROWID;
-- The table that version 8 replaced.
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
    checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('alert_records', alert, record, change, document, digest, first, last, words, run, item)) STORED,
    PRIMARY KEY (alert, record, change)
) WITHOUT ROWID;
-- The tables that version 9 replaced.
CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('put', 'delete')),
    at TEXT NOT NULL,
    checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('changes', sequence, document, kind, at)) STORED
);
CREATE TABLE alerts (
    name TEXT PRIMARY KEY,
    question TEXT NOT NULL,
    asked TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    since TEXT NOT NULL,
    last_run TEXT NOT NULL,
    last_new TEXT NOT NULL,
    failure TEXT NOT NULL,
    checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('alerts', name, question, asked, sequence, since, last_run, last_new, failure)) STORED
) WITHOUT ROWID;
