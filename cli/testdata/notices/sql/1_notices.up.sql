DROP TABLE IF EXISTS nosuch;
DO $$BEGIN
  RAISE NOTICE 'a notice';
  RAISE WARNING 'a warning';
  RAISE INFO 'an info';
  RAISE DEBUG 'a debug';
  RAISE LOG 'a log';
END$$;
