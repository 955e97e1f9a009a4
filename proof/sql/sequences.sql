-- Where the sequences stand, as (name, position).
--
-- $1 the schemas that are left out
SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), coalesce(last_value::text, 'its start')
  FROM pg_sequences
 WHERE schemaname <> ALL ($1::text[])
