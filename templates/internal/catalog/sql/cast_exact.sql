-- Whether a type ($1) goes into another ($2, written $3) and back without a loss.
SELECT strpos($3, '(') = 0 AND (
           ($1::oid, $2::oid) IN (SELECT f::regtype::oid, t::regtype::oid
                                    FROM (VALUES ('int2', 'int4'), ('int2', 'int8'), ('int4', 'int8'), ('int2', 'numeric'), ('int4', 'numeric'), ('int8', 'numeric'),
                                                 ('float4', 'float8'), ('date', 'timestamp'), ('bool', 'int4')) AS exact (f, t))
           OR $2::oid = 'text'::regtype
              AND ($1::oid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'bool'::regtype, 'uuid'::regtype, 'name'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'inet'::regtype)
                   OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid = $1 AND typtype = 'e')))
