-- What was there before our tables were.
INSERT INTO atdata_pending (name)
    SELECT name FROM dataset_entries UNION SELECT name FROM labels WHERE version = '';
INSERT INTO atdata_history (name, cid, at)
    SELECT name, cid, coalesce(created_at, now()) FROM labels WHERE version = ''
    ORDER BY created_at;
