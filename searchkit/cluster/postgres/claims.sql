CREATE TABLE workers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, version TEXT NOT NULL, names TEXT NOT NULL,
    started_at REAL NOT NULL, seen_at REAL NOT NULL, expires_at REAL NOT NULL,
    doing TEXT NOT NULL, pages INTEGER NOT NULL, rate REAL NOT NULL
);
CREATE TABLE claims (
    kind TEXT NOT NULL, name TEXT NOT NULL, worker INTEGER NOT NULL, tries INTEGER NOT NULL, PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX claims_worker ON claims (worker);
