-- What only we keep. The original knows nothing of it and replaces whole rows of its own.
CREATE TABLE atdata_meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE atdata_facts (
    cid         TEXT PRIMARY KEY,
    content_cid TEXT,
    samples     INTEGER,
    bytes       INTEGER
) WITHOUT ROWID;
-- What names have pointed to.
CREATE TABLE atdata_history (
    moment INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    cid    TEXT NOT NULL,
    at     TEXT NOT NULL
);
CREATE INDEX atdata_history_name ON atdata_history (name, moment);
-- What the current entry of a name is found by.
CREATE TABLE atdata_facets (
    term TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (term, name)
) WITHOUT ROWID;
CREATE INDEX atdata_facets_name ON atdata_facets (name, term);
-- Names whose facets are to be made again. A name may be there twice: in a trigger, the conflict
-- clause of the statement that fires it goes before the trigger's own.
CREATE TABLE atdata_pending (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
