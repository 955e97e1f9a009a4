SET search_path = app;
DROP TABLE in_app;
DROP SCHEMA app;
