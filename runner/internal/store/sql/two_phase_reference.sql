SELECT pg_catalog.create_reference_table(:'table');
