-- Deploy shop:touch to pg

BEGIN;

CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- once more; and again
    NEW.touched := OLD.touched + 2;
    RETURN NEW;
END;
$$;

COMMIT;
