BEGIN READ ONLY;
:set_role
:{limits}
:{session}
SELECT a.attname, pg_catalog.format_type(a.atttypid, -1), a.attnotnull, coalesce(o.above, ''), coalesce(o.upto, ''), coalesce(o.upfrom, ''), o.visible, pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.pg_has_role(session_user, c.relowner, 'USAGE')
       OR pg_catalog.pg_has_role(session_user, (SELECT datdba FROM pg_catalog.pg_database WHERE datname (=) pg_catalog.current_database()), 'USAGE'),
       c.oid::pg_catalog.int8, a.attnum, :{key_type},
       :{pages},
       CASE WHEN pg_catalog.row_security_active(c.oid) THEN current_user::pg_catalog.text ELSE '' END,
       c.relkind (=) 'v'
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid (=) c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid (=) c.oid AND a.attnum (>) 0 AND NOT a.attisdropped
                                        AND a.attname (=) ANY (:'columns')
 CROSS JOIN LATERAL (
:{operators}
       ) AS o (above, upto, upfrom, visible)
 WHERE c.oid (=) pg_catalog.to_regclass(:'table');
ROLLBACK;
