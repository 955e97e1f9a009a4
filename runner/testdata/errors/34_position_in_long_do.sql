DO $$ BEGIN
  PERFORM 1;
  UPDATE pg_class SET nothing = 1 WHERE 'é' = 'x';
END $$;
