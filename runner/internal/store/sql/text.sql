-- Nothing where another schema has brought the text before.
INSERT INTO :"schema".texts (checksum, sql) VALUES (:'checksum', :'sql') ON CONFLICT DO NOTHING;
