-- Which of some rules ($1), constraints ($2), indexes ($3), triggers ($4), policies
-- ($5), defaults ($6) and statistics ($7) ask for the order of enum values ($8: the
-- type), and whether they do more with it than sort the rows that they return.
-- PostgreSQL notes no dependency on its own operators, so that the trees of the
-- expressions must tell.
WITH
tree (what, node) AS (
    SELECT CASE rulename WHEN '_RETURN' THEN pg_catalog.pg_describe_object('pg_class'::regclass, ev_class, 0)
                         ELSE pg_catalog.pg_describe_object('pg_rewrite'::regclass, oid, 0) END, ev_action::text || ev_qual::text
      FROM pg_catalog.pg_rewrite
     WHERE oid = ANY ($1)
     UNION ALL
    SELECT pg_catalog.pg_describe_object('pg_constraint'::regclass, oid, 0), conbin::text FROM pg_catalog.pg_constraint WHERE oid = ANY ($2)
     UNION ALL
    SELECT pg_catalog.pg_describe_object('pg_class'::regclass, indexrelid, 0), concat(indexprs::text, indpred::text) FROM pg_catalog.pg_index WHERE indexrelid = ANY ($3)
     UNION ALL
    SELECT pg_catalog.pg_describe_object('pg_trigger'::regclass, oid, 0), tgqual::text FROM pg_catalog.pg_trigger WHERE oid = ANY ($4)
     UNION ALL
    SELECT pg_catalog.pg_describe_object('pg_policy'::regclass, oid, 0), concat(polqual::text, polwithcheck::text) FROM pg_catalog.pg_policy WHERE oid = ANY ($5)
     UNION ALL
    SELECT pg_catalog.pg_describe_object('pg_attrdef'::regclass, oid, 0), adbin::text FROM pg_catalog.pg_attrdef WHERE oid = ANY ($6)
     UNION ALL
    SELECT pg_catalog.pg_describe_object('pg_statistic_ext'::regclass, oid, 0), stxexprs::text FROM pg_catalog.pg_statistic_ext WHERE oid = ANY ($7)
),
own AS (
    SELECT (SELECT string_agg(oid::text, '|')
              FROM pg_catalog.pg_operator
             WHERE oprleft = 'anyenum'::regtype AND oprname IN ('<', '<=', '>', '>=')) AS operators,
           (SELECT string_agg(oid::text, '|')
              FROM pg_catalog.pg_proc
             WHERE 'anyenum'::regtype = ANY (proargtypes)
               AND proname IN ('enum_lt', 'enum_le', 'enum_gt', 'enum_ge', 'enum_cmp', 'enum_smaller', 'enum_larger', 'min', 'max')) AS functions
),
asked AS (
    SELECT t.what,
           t.node ~ concat(':opno (', o.operators, ')\M',
                           '|:opnos \([^)]*\m(', o.operators, ')\M',
                           '|:(aggfnoid|winfnoid|funcid) (', o.functions, ')\M',
                           '|:minmaxtype ', $8::oid, '\M',
                           '|:(orderClause|aggorder) \([^)]*:sortop (', o.operators, ')\M') AS compares,
           t.node ~ concat(':sortClause \([^)]*:sortop (', o.operators, ')\M') AS sorts,
           t.node ~ ':limit(Count|Offset) \{|:hasDistinctOn true' AS picks
      FROM tree AS t
     CROSS JOIN own AS o
)
SELECT what, bool_or(compares OR picks)
  FROM asked
 WHERE compares OR sorts
 GROUP BY what
 ORDER BY what
