-- `progress` has the store's sequence number and the document that the store put last at that time. `facts` are the
-- values of statements in the fields `changed` and `disputed`, the `unanswered` accusations, and the `speaker` and
-- `about` before and after a change.
-- `changes` has a row for each later revision; `at` is when it was read, empty if nothing changed; `number` is that of
-- its changes. `touched` are documents about whose statements other documents changed what is said here. `voices` say
-- which entries of watchlists a document names (`day` is an ordinal). `failed` are views that a mistake cost.
CREATE TABLE progress (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE facts (
    document TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    statement TEXT NOT NULL,
    PRIMARY KEY (field, value, document, statement)
) WITHOUT ROWID;
CREATE INDEX facts_document ON facts (document);
CREATE TABLE touched (
    document TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX touched_sequence ON touched (sequence);
CREATE TABLE changes (
    document TEXT NOT NULL,
    newer INTEGER NOT NULL,
    older INTEGER NOT NULL,
    extractor TEXT NOT NULL,
    at TEXT NOT NULL,
    number INTEGER NOT NULL,
    changes BLOB NOT NULL,
    PRIMARY KEY (document, newer)
) WITHOUT ROWID;
CREATE INDEX changes_at ON changes (at) WHERE at <> '';
-- `statements`: as JSON, the statements of a revision that the document no longer has, and since when.
CREATE TABLE former (
    document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    statements TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (document, revision)
) WITHOUT ROWID;
CREATE INDEX former_sequence ON former (sequence);
CREATE TABLE voices (
    document TEXT PRIMARY KEY,
    day INTEGER NOT NULL,
    voices BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX voices_day ON voices (day);
CREATE TABLE failed (
    document TEXT NOT NULL,
    view TEXT NOT NULL,
    statement TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (document, view, statement)
) WITHOUT ROWID;
-- Quotations: a `node` is the digest of distinct words (with a speaker, for set phrases), and `size` the number of its
-- hashes. `quote_groups` are the groups of several statements, `conflicts` the statements in them whose words are
-- attributed to another speaker, too.
CREATE TABLE quotes (
    statement TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    outlet TEXT NOT NULL,
    day TEXT NOT NULL,
    node INTEGER NOT NULL,
    sketch BLOB NOT NULL,
    quote_group TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX quotes_document ON quotes (document);
CREATE INDEX quotes_node ON quotes (node);
CREATE INDEX quotes_group ON quotes (quote_group, day) WHERE quote_group <> '';
CREATE TABLE node_hashes (
    hash INTEGER NOT NULL,
    node INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (hash, node)
) WITHOUT ROWID;
CREATE TABLE quote_groups (
    id TEXT PRIMARY KEY,
    outlets INTEGER NOT NULL,
    conflicts INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE conflicts (
    quote_group TEXT NOT NULL,
    statement TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (quote_group, statement)
) WITHOUT ROWID;
CREATE INDEX quote_groups_order ON quote_groups (conflicts DESC, outlets DESC, id);
CREATE INDEX quote_groups_outlets ON quote_groups (outlets);
-- `disputes` are the links of claims in a document to the answers there.
CREATE TABLE disputes (
    document TEXT NOT NULL,
    claim TEXT NOT NULL,
    answer TEXT NOT NULL,
    link BLOB NOT NULL,
    PRIMARY KEY (document, claim, answer)
) WITHOUT ROWID;
