CREATE TABLE pages (
        url TEXT PRIMARY KEY, host TEXT NOT NULL, source TEXT NOT NULL, role TEXT NOT NULL, depth INTEGER NOT NULL,
        priority INTEGER NOT NULL, state TEXT NOT NULL, due_at REAL NOT NULL, tries INTEGER NOT NULL,
        validators TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, charset TEXT NOT NULL,
        fetched_at REAL NOT NULL, changed_at REAL NOT NULL, first_seen REAL NOT NULL, status INTEGER NOT NULL,
        reason TEXT NOT NULL, final_url TEXT NOT NULL, hint TEXT NOT NULL, walk_settings TEXT NOT NULL,
        leads_on INTEGER NOT NULL, leased_until REAL NOT NULL DEFAULT 0, unreported INTEGER NOT NULL DEFAULT 0,
        moved INTEGER NOT NULL DEFAULT 0, elsewhere_since REAL NOT NULL DEFAULT 0
    , checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('pages', url, host, source, role, depth, priority, state, due_at, tries, validators, digest, media_type, charset, fetched_at, changed_at, first_seen, status, reason, final_url, hint, walk_settings, leads_on, leased_until, unreported, moved, elsewhere_since)) STORED);
CREATE TABLE hosts (name TEXT PRIMARY KEY, next_at REAL NOT NULL, reason TEXT NOT NULL, pauses INTEGER NOT NULL DEFAULT 0, checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('hosts', name, next_at, reason, pauses)) STORED);
CREATE TABLE robots (origin TEXT PRIMARY KEY, text TEXT NOT NULL, fetched_at REAL NOT NULL, checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('robots', origin, text, fetched_at)) STORED);
CREATE TABLE fetches (
        number INTEGER PRIMARY KEY, url TEXT NOT NULL, final_url TEXT NOT NULL, redirects TEXT NOT NULL,
        status INTEGER NOT NULL, headers TEXT NOT NULL, fetched_at REAL NOT NULL, digest TEXT NOT NULL
    , checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('fetches', number, url, final_url, redirects, status, headers, fetched_at, digest)) STORED);
CREATE INDEX pages_due ON pages (source, host, due_at) WHERE state NOT IN ('fetched', 'alias') AND leased_until = 0;
CREATE INDEX pages_unsettled ON pages (source) WHERE state = 'fetched';
CREATE INDEX pages_leased ON pages (leased_until) WHERE leased_until > 0;
CREATE INDEX pages_final ON pages (final_url) WHERE final_url <> '';
CREATE INDEX pages_unreported ON pages (source) WHERE unreported = 1;
CREATE INDEX pages_digest ON pages (digest) WHERE digest <> '';
CREATE INDEX fetches_url ON fetches (url);
CREATE INDEX fetches_digest ON fetches (digest);
