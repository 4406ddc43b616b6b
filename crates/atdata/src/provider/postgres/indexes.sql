-- Lists come in the order of bytes, whatever the database's language.
CREATE INDEX IF NOT EXISTS atdata_entries_cid ON dataset_entries (cid COLLATE "C");
CREATE INDEX IF NOT EXISTS atdata_entries_name ON dataset_entries (name COLLATE "C");
CREATE INDEX IF NOT EXISTS atdata_labels_name ON labels (name COLLATE "C") WHERE version = '';
CREATE INDEX IF NOT EXISTS atdata_schemas_key ON schemas ((name || '@' || version) COLLATE "C");
CREATE INDEX IF NOT EXISTS atdata_lenses_key ON lenses ((name || '@' || version) COLLATE "C");
