-- They notice every write, the original's too, whose role may know nothing of our tables: they run
-- with the rights of whoever made them, and find our tables whatever the search path is.
CREATE OR REPLACE FUNCTION atdata_entry_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO atdata_pending (name) SELECT old.name
            UNION SELECT name FROM labels WHERE cid = old.cid AND version = '';
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO atdata_pending (name) SELECT new.name
            UNION SELECT name FROM labels WHERE cid = new.cid AND version = '';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION atdata_label_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND old.version = '' THEN
        INSERT INTO atdata_pending (name) VALUES (old.name);
    END IF;
    IF TG_OP <> 'DELETE' AND new.version = '' THEN
        INSERT INTO atdata_pending (name) VALUES (new.name);
        INSERT INTO atdata_history (name, cid) SELECT new.name, new.cid
            WHERE new.cid IS DISTINCT FROM
                (SELECT cid FROM atdata_history WHERE name = new.name ORDER BY moment DESC LIMIT 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER atdata_entry_changed AFTER INSERT OR UPDATE OR DELETE ON dataset_entries
    FOR EACH ROW EXECUTE FUNCTION atdata_entry_changed();
CREATE TRIGGER atdata_label_changed AFTER INSERT OR UPDATE OR DELETE ON labels
    FOR EACH ROW EXECUTE FUNCTION atdata_label_changed();
