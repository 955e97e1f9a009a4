COMMENT ON SCHEMA public IS 'standard public schema';
DROP MATERIALIZED VIEW everything;
DROP TABLE last;
