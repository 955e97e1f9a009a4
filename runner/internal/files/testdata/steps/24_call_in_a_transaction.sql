CALL fill(1, 2);
DO $$ BEGIN COMMIT; END $$;
