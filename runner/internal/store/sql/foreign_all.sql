SELECT pg_catalog.string_agg(f.what, '')::pg_catalog.int4
  FROM (
:foreign
       ) AS f (what, owner);
