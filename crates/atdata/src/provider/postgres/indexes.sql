-- The original's indexes.
CREATE INDEX IF NOT EXISTS idx_entries_name ON dataset_entries (name);
CREATE INDEX IF NOT EXISTS idx_labels_cid ON labels (cid);
-- Ours: lists come in the order of bytes, whatever the database's language. None is partial: the planner
-- would go through all of it for anything that its condition holds for.
CREATE INDEX IF NOT EXISTS atdata_entries_cid ON dataset_entries (cid COLLATE "C");
CREATE INDEX IF NOT EXISTS atdata_entries_name ON dataset_entries (name COLLATE "C");
CREATE INDEX IF NOT EXISTS atdata_labels_name ON labels (name COLLATE "C", version);
CREATE INDEX IF NOT EXISTS atdata_schemas_key ON schemas ((name || '@' || version) COLLATE "C");
CREATE INDEX IF NOT EXISTS atdata_lenses_key ON lenses ((name || '@' || version) COLLATE "C");
