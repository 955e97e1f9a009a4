SELECT pg_catalog.to_regclass(:'table') IS NOT NULL
