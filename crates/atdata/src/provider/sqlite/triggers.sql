-- They notice every write, the original's too. It writes with INSERT OR REPLACE, which fires no
-- trigger for the row that it removes: hence the one before.
CREATE TRIGGER atdata_entry_replaced BEFORE INSERT ON dataset_entries BEGIN
    INSERT INTO atdata_pending (name) SELECT name FROM dataset_entries WHERE cid = new.cid;
END;
CREATE TRIGGER atdata_entry_inserted AFTER INSERT ON dataset_entries BEGIN
    INSERT INTO atdata_pending (name)
        SELECT new.name UNION SELECT name FROM labels WHERE cid = new.cid AND version = '';
END;
CREATE TRIGGER atdata_entry_updated AFTER UPDATE ON dataset_entries BEGIN
    INSERT INTO atdata_pending (name)
        SELECT old.name UNION SELECT new.name
        UNION SELECT name FROM labels WHERE cid IN (old.cid, new.cid) AND version = '';
END;
CREATE TRIGGER atdata_entry_deleted AFTER DELETE ON dataset_entries BEGIN
    INSERT INTO atdata_pending (name)
        SELECT old.name UNION SELECT name FROM labels WHERE cid = old.cid AND version = '';
END;
CREATE TRIGGER atdata_label_inserted AFTER INSERT ON labels WHEN new.version = '' BEGIN
    INSERT INTO atdata_pending (name) VALUES (new.name);
    INSERT INTO atdata_history (name, cid, at)
        SELECT new.name, new.cid, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'
        WHERE new.cid IS NOT
            (SELECT cid FROM atdata_history WHERE name = new.name ORDER BY moment DESC LIMIT 1);
END;
CREATE TRIGGER atdata_label_updated AFTER UPDATE ON labels WHEN new.version = '' BEGIN
    INSERT INTO atdata_pending (name) SELECT old.name UNION SELECT new.name;
    INSERT INTO atdata_history (name, cid, at)
        SELECT new.name, new.cid, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'
        WHERE new.cid IS NOT
            (SELECT cid FROM atdata_history WHERE name = new.name ORDER BY moment DESC LIMIT 1);
END;
CREATE TRIGGER atdata_label_deleted AFTER DELETE ON labels WHEN old.version = '' BEGIN
    INSERT INTO atdata_pending (name) VALUES (old.name);
END;
