-- What a session's own transaction has locked, and the catalog as it sees it.
SELECT pg_catalog.jsonb_build_object(
    'locks', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('oid', l.relation::pg_catalog.int8, 'mode', l.mode))
                FROM pg_catalog.pg_locks AS l
               WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
                 AND l.granted
                 AND l.locktype OPERATOR(pg_catalog.=) 'relation'
                 AND l.relation::pg_catalog.int8 OPERATOR(pg_catalog.>=) 16384),
    'relations', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                             'oid', c.oid::pg_catalog.int8, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
                             'file', pg_catalog.pg_relation_filenode(c.oid)::pg_catalog.int8,
                             'table', COALESCE(i.indrelid, o.oid)::pg_catalog.int8,
                             'parent', h.inhparent::pg_catalog.int8,
                             'valid', i.indisvalid,
                             'keys', i.indkey::pg_catalog.text,
                             'rls', c.relrowsecurity,
                             'unique', i.indisunique,
                             'method', m.amname,
                             'row', c.xmin::pg_catalog.text,
                             'scans', CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_stat_get_xact_numscans(c.oid) END))
                    FROM pg_catalog.pg_class AS c
                    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
                    LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid
                    LEFT JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) c.relam
                    LEFT JOIN pg_catalog.pg_class AS o ON c.relkind OPERATOR(pg_catalog.=) 't' AND o.reltoastrelid OPERATOR(pg_catalog.=) c.oid
                    LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid OPERATOR(pg_catalog.=) c.oid AND c.relispartition
                   WHERE c.oid::pg_catalog.int8 OPERATOR(pg_catalog.>=) 16384
                     AND c.relkind IN ('r', 'p', 'm', 'v', 'i', 'I', 'S', 't', 'f')),
    'columns', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                           'table', a.attrelid::pg_catalog.int8, 'number', a.attnum, 'name', a.attname,
                           'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
                           'type_mark', a.atttypid::pg_catalog.text || ' ' || a.atttypmod || ' ' || a.attcollation, 'default_mark', pg_catalog.md5(d.adbin::pg_catalog.text),
                           'generated', a.attgenerated OPERATOR(pg_catalog.<>) '', 'domain', (SELECT y.typtype OPERATOR(pg_catalog.=) 'd' FROM pg_catalog.pg_type AS y WHERE y.oid OPERATOR(pg_catalog.=) a.atttypid),
                           'default', COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid), NULLIF(a.attidentity::pg_catalog.text, ''))))
                  FROM pg_catalog.pg_attribute AS a
                  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
                  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid OPERATOR(pg_catalog.=) a.attrelid AND d.adnum OPERATOR(pg_catalog.=) a.attnum
                 WHERE c.oid::pg_catalog.int8 OPERATOR(pg_catalog.>=) 16384
                   AND c.relkind IN ('r', 'p', 'f', 'm', 'v')
                   AND a.attnum OPERATOR(pg_catalog.>) 0
                   AND NOT a.attisdropped),
    'constraints', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                               'oid', k.oid::pg_catalog.int8, 'name', k.conname, 'sort', k.contype, 'table', k.conrelid::pg_catalog.int8,
                               'other', k.confrelid::pg_catalog.int8, 'index', k.conindid::pg_catalog.int8, 'valid', k.convalidated,
                               'domain', k.contypid::pg_catalog.int8,
                               'parent', k.conparentid::pg_catalog.int8,
                               'keys', pg_catalog.array_to_string(k.conkey, ' '), 'other_keys', pg_catalog.array_to_string(k.confkey, ' ')))
                      FROM pg_catalog.pg_constraint AS k
                     WHERE k.oid::pg_catalog.int8 OPERATOR(pg_catalog.>=) 16384
                       AND k.contype NOT IN ('t')),
    'objects', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('kind', x.kind, 'oid', x.oid::pg_catalog.int8, 'name', x.name, 'table', x.tab::pg_catalog.int8, 'row', x.state))
                  FROM (SELECT 'trigger' AS kind, t.oid, t.tgname::pg_catalog.text AS name, t.tgrelid AS tab, t.tgenabled::pg_catalog.text AS state
                          FROM pg_catalog.pg_trigger AS t WHERE NOT t.tgisinternal
                         UNION ALL
                        SELECT 'function', p.oid, p.oid::pg_catalog.regprocedure::pg_catalog.text, 0,
                               p.xmin::pg_catalog.text || CASE WHEN p.prosecdef AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s WHERE s OPERATOR(pg_catalog.~~) 'search_path=%') THEN ' open definer' ELSE '' END
                          FROM pg_catalog.pg_proc AS p
                         UNION ALL
                        SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, t.oid, pg_catalog.format_type(t.oid, NULL), 0, t.typnotnull::pg_catalog.text
                          FROM pg_catalog.pg_type AS t
                         WHERE t.typtype IN ('d', 'e', 'r') OR t.typtype OPERATOR(pg_catalog.=) 'c' AND EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) t.typrelid AND c.relkind OPERATOR(pg_catalog.=) 'c')
                         UNION ALL
                        SELECT 'enum value', e.oid, e.enumlabel::pg_catalog.text, e.enumtypid, ''
                          FROM pg_catalog.pg_enum AS e
                         UNION ALL
                        SELECT 'policy', p.oid, p.polname::pg_catalog.text, p.polrelid, p.xmin::pg_catalog.text
                          FROM pg_catalog.pg_policy AS p
                         UNION ALL
                        SELECT 'schema', n.oid, n.nspname::pg_catalog.text, 0, ''
                          FROM pg_catalog.pg_namespace AS n
                         UNION ALL
                        SELECT 'extension', e.oid, e.extname::pg_catalog.text, 0, e.extversion
                          FROM pg_catalog.pg_extension AS e
                         UNION ALL
                        SELECT 'statistics', s.oid, s.stxname::pg_catalog.text, s.stxrelid, ''
                          FROM pg_catalog.pg_statistic_ext AS s
                         UNION ALL
                        SELECT 'publication', p.oid, p.pubname::pg_catalog.text, 0, p.xmin::pg_catalog.text
                          FROM pg_catalog.pg_publication AS p) AS x (kind, oid, name, tab, state)
                 WHERE x.oid::pg_catalog.int8 OPERATOR(pg_catalog.>=) 16384))
