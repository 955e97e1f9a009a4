-- +migrate Up
ALTER TABLE people ADD touched int NOT NULL DEFAULT 0;
-- +migrate StatementBegin
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.touched := OLD.touched + 1;
    RETURN NEW;
END;
$$;
-- +migrate StatementEnd
CREATE TRIGGER touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch();

-- +migrate Down
DROP TRIGGER touch ON people;
DROP FUNCTION touch();
ALTER TABLE people DROP touched;
