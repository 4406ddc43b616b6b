-- What only we keep. The original knows nothing of it.
CREATE TABLE atdata_meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE atdata_facts (
    cid         TEXT PRIMARY KEY,
    content_cid TEXT,
    samples     BIGINT,
    bytes       BIGINT
);
-- What names have pointed to.
CREATE TABLE atdata_history (
    moment BIGSERIAL PRIMARY KEY,
    name   TEXT NOT NULL,
    cid    TEXT NOT NULL,
    at     TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX atdata_history_name ON atdata_history (name, moment);
-- What the current entry of a name is found by.
CREATE TABLE atdata_facets (
    term TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (term, name)
);
CREATE INDEX atdata_facets_name ON atdata_facets (name, term);
-- Names whose facets are to be made again. A name may be there twice, so that no writer waits for
-- another.
CREATE TABLE atdata_pending (
    id   BIGSERIAL PRIMARY KEY,
    name TEXT NOT NULL
);
