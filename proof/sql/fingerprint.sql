-- The catalog fingerprint: a row for each object that pg_dump would print, as
-- (kind, name, parent, definition). Parent is "kind name" of the object that a
-- row goes with: where that one is lost, the row is no finding of its own. The
-- definition is a JSON object of the properties that are not the default.
--
-- It runs under search_path = pg_catalog, pg_temp, so that every name of the
-- user's comes out qualified, and nothing of the user's is called.
--
-- $1 the schemas that are left out: the history tables' own
-- $2 the roles that are left out: those that rung made
WITH ext AS MATERIALIZED (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
),
ns AS MATERIALIZED (
    SELECT oid, nspname, nspowner, nspacl, quote_ident(nspname) AS q
      FROM pg_namespace
     WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
),
cl AS MATERIALIZED (
    SELECT c.*, ns.q || '.' || quote_ident(relname) AS fq, 'schema ' || ns.q AS inside,
           CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                        WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE 'index' END AS word
      FROM pg_class AS c JOIN ns ON ns.oid = relnamespace
     WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_class'::regclass AND ext.objid = c.oid)
),
-- The sequences that go with a column.
owned AS MATERIALIZED (
    SELECT d.objid, t.fq || '.' || quote_ident(attname) || CASE deptype WHEN 'i' THEN ' (identity)' ELSE '' END AS owned_by, 'column ' || t.fq || '.' || quote_ident(attname) AS parent
      FROM pg_depend AS d
      JOIN cl AS s ON s.oid = d.objid AND s.relkind = 'S'
      JOIN cl AS t ON t.oid = d.refobjid
      JOIN pg_attribute ON attrelid = d.refobjid AND attnum = d.refobjsubid
     WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.objsubid = 0 AND d.deptype IN ('a', 'i')
),
-- Types that somebody made: no row types, no arrays, no multiranges.
ty AS MATERIALIZED (
    SELECT t.*, ns.q || '.' || quote_ident(typname) AS fq, 'schema ' || ns.q AS inside, CASE typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS word
      FROM pg_type AS t JOIN ns ON ns.oid = typnamespace
     WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_type'::regclass AND ext.objid = t.oid)
       AND (typtype IN ('e', 'd', 'r') OR typtype = 'b' AND typelem = 0
            OR typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid)
            OR typtype = 'c' AND EXISTS (SELECT FROM pg_class AS c WHERE c.oid = typrelid AND c.relkind = 'c'))
),
-- Functions, without those of extensions and the constructors of range types.
fn AS MATERIALIZED (
    SELECT p.*, p.oid::regprocedure::text AS fq, 'schema ' || ns.q AS inside, CASE prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END AS word
      FROM pg_proc AS p JOIN ns ON ns.oid = pronamespace
     WHERE NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
),
acls (name, parent, owner, acl, base) AS (
    SELECT q, 'schema ' || q, nspowner, nspacl, CASE WHEN p.initprivs IS NULL THEN acldefault('n', nspowner) ELSE p.initprivs END
      FROM ns LEFT JOIN pg_init_privs AS p ON p.classoid = 'pg_namespace'::regclass AND p.objoid = ns.oid WHERE nspacl IS NOT NULL
    UNION ALL
    SELECT r.fq, r.word || ' ' || r.fq, relowner, relacl, CASE WHEN p.initprivs IS NULL THEN acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner) ELSE p.initprivs END
      FROM (SELECT c.oid, c.relowner, c.relacl, c.relkind, coalesce(cl.fq, n.nspname || '.' || c.relname) AS fq, coalesce(cl.word, 'table') AS word
              FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace LEFT JOIN cl ON cl.oid = c.oid
             WHERE c.relacl IS NOT NULL AND n.nspname <> ALL ($1::text[]) AND n.nspname !~ '^pg_t' AND n.nspname <> 'information_schema') AS r
      LEFT JOIN pg_init_privs AS p ON p.classoid = 'pg_class'::regclass AND p.objoid = r.oid AND p.objsubid = 0
    UNION ALL
    SELECT fq || '.' || quote_ident(attname), 'column ' || fq || '.' || quote_ident(attname), relowner, attacl, acldefault('c', relowner)
      FROM cl JOIN pg_attribute ON attrelid = cl.oid WHERE attacl IS NOT NULL AND NOT attisdropped
    UNION ALL
    SELECT f.oid::regprocedure::text, 'function ' || f.oid::regprocedure::text, proowner, proacl, CASE WHEN p.initprivs IS NULL THEN acldefault('f', proowner) ELSE p.initprivs END
      FROM pg_proc AS f LEFT JOIN pg_init_privs AS p ON p.classoid = 'pg_proc'::regclass AND p.objoid = f.oid
     WHERE proacl IS NOT NULL AND pronamespace <> ALL (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1::text[]))
    UNION ALL
    SELECT fq, word || ' ' || fq, typowner, typacl, acldefault('T', typowner) FROM ty WHERE typacl IS NOT NULL
    UNION ALL
    SELECT quote_ident(lanname), 'language ' || quote_ident(lanname), lanowner, lanacl, CASE WHEN p.initprivs IS NULL THEN acldefault('l', lanowner) ELSE p.initprivs END
      FROM pg_language AS l LEFT JOIN pg_init_privs AS p ON p.classoid = 'pg_language'::regclass AND p.objoid = l.oid WHERE lanacl IS NOT NULL
    UNION ALL
    SELECT quote_ident(fdwname), 'foreign-data wrapper ' || quote_ident(fdwname), fdwowner, fdwacl, acldefault('F', fdwowner) FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
    UNION ALL
    SELECT quote_ident(srvname), 'server ' || quote_ident(srvname), srvowner, srvacl, acldefault('S', srvowner) FROM pg_foreign_server WHERE srvacl IS NOT NULL
),
grants (kind, name, parent, owner, grantor, grantable) AS (
    SELECT 'grant', x.privilege_type || ' on ' || acls.name || ' to ' || CASE x.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
           parent, owner, x.grantor, x.is_grantable
      FROM acls CROSS JOIN LATERAL (SELECT * FROM aclexplode(acl) EXCEPT SELECT * FROM aclexplode(base)) AS x
     WHERE acl <> base
    UNION ALL
    SELECT 'revoked default', x.privilege_type || ' on ' || acls.name || ' from ' || CASE x.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
           parent, owner, owner, false
      FROM acls CROSS JOIN LATERAL (SELECT grantee, privilege_type FROM aclexplode(base) EXCEPT SELECT grantee, privilege_type FROM aclexplode(acl)) AS x
     WHERE acl <> base
),
-- The rules of ALTER DEFAULT PRIVILEGES; for a whole database they stand beside what every object gets.
defaults (name, owner, acl, base) AS (
    SELECT CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE defaclobjtype::text END
           || ' of ' || quote_ident(pg_get_userbyid(defaclrole)) || coalesce(' in ' || (SELECT quote_ident(nspname) FROM pg_namespace AS n WHERE n.oid = defaclnamespace), ''),
           defaclrole, defaclacl, CASE defaclnamespace WHEN 0 THEN acldefault(CASE defaclobjtype WHEN 'S' THEN 's' ELSE defaclobjtype END, defaclrole) ELSE acldefault('c', defaclrole) END
      FROM pg_default_acl
)
SELECT 'schema' AS kind, q AS name, '' AS parent, jsonb_build_object('owner', pg_get_userbyid(nspowner))::text AS definition
  FROM ns WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_namespace'::regclass AND ext.objid = ns.oid)
UNION ALL
SELECT 'extension', quote_ident(extname), '', jsonb_build_object('version', extversion, 'schema', extnamespace::regnamespace::text)::text
  FROM pg_extension
UNION ALL
SELECT kind, name || CASE WHEN grantor <> owner THEN ' by ' || quote_ident(pg_get_userbyid(grantor)) ELSE '' END, parent,
       CASE WHEN grantable THEN '{"grant option": true}' ELSE '{}' END
  FROM grants
UNION ALL
SELECT 'default privilege', x.privilege_type || ' on ' || name || ' to ' || CASE x.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, '',
       jsonb_build_object('grant option', x.is_grantable)::text
  FROM defaults CROSS JOIN LATERAL (SELECT * FROM aclexplode(acl) EXCEPT SELECT * FROM aclexplode(base)) AS x
UNION ALL
SELECT 'revoked default privilege', x.privilege_type || ' on ' || name || ' from ' || CASE x.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, '', '{}'
  FROM defaults CROSS JOIN LATERAL (SELECT grantee, privilege_type FROM aclexplode(base) EXCEPT SELECT grantee, privilege_type FROM aclexplode(acl)) AS x
UNION ALL
SELECT word, fq, inside, jsonb_strip_nulls(jsonb_build_object(
           'owner', pg_get_userbyid(typowner),
           'values', CASE typtype WHEN 'e' THEN (SELECT jsonb_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = ty.oid) END,
           'type', CASE typtype WHEN 'd' THEN format_type(typbasetype, typtypmod) END,
           'default', CASE typtype WHEN 'd' THEN typdefault END,
           'not null', CASE WHEN typnotnull THEN true END,
           'not null constraint', (SELECT conname FROM pg_constraint WHERE contypid = ty.oid AND contype = 'n' AND conname <> typname || '_not_null'),
           'collation', CASE WHEN typtype = 'd' AND typcollation <> (SELECT b.typcollation FROM pg_type AS b WHERE b.oid = ty.typbasetype) THEN typcollation::regcollation::text END,
           'range', (SELECT jsonb_build_object('subtype', rngsubtype::regtype::text, 'operator class', (SELECT opcname FROM pg_opclass WHERE pg_opclass.oid = rngsubopc),
                            'collation', rngcollation::regcollation::text, 'canonical', rngcanonical::text, 'difference', rngsubdiff::text, 'multirange', rngmultitypid::regtype::text)
                       FROM pg_range WHERE rngtypid = ty.oid),
           'base', CASE WHEN typtype = 'b' THEN to_jsonb(concat_ws(' ', typlen, typbyval, typcategory, typispreferred, typisdefined, typdelim, typelem::regtype, typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typalign, typstorage, typcollation::regcollation, typdefault)) END))::text
  FROM ty
UNION ALL
SELECT word, fq, coalesce(o.parent, inside), jsonb_strip_nulls(jsonb_build_object(
           'owner', pg_get_userbyid(relowner),
           'kind', CASE relkind WHEN 'p' THEN 'partitioned' END,
           'persistence', CASE relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
           'options', CASE WHEN reloptions IS NOT NULL THEN (SELECT to_jsonb(array_agg(x ORDER BY x)) FROM unnest(reloptions) AS x) END,
           'toast options', (SELECT to_jsonb(t.reloptions) FROM pg_class AS t WHERE t.oid = cl.reltoastrelid),
           'row security', CASE WHEN relrowsecurity THEN true END,
           'forced row security', CASE WHEN relforcerowsecurity THEN true END,
           'replica identity', CASE relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index' END,
           'tablespace', (SELECT spcname FROM pg_tablespace AS s WHERE s.oid = reltablespace),
           'access method', CASE WHEN relkind IN ('r', 'm', 'p') THEN (SELECT amname FROM pg_am WHERE pg_am.oid = relam AND amname <> 'heap') END,
           'partition key', CASE relkind WHEN 'p' THEN pg_get_partkeydef(cl.oid) END,
           'partition bound', CASE WHEN relispartition THEN pg_get_expr(relpartbound, cl.oid) END,
           'row type', CASE WHEN reloftype <> 0 THEN reloftype::regtype::text END,
           'parents', (SELECT jsonb_agg(inhparent::regclass::text ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = cl.oid),
           'definition', CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(cl.oid) END,
           'not populated', CASE WHEN relkind = 'm' AND NOT relispopulated THEN true END,
           'server', CASE relkind WHEN 'f' THEN (SELECT jsonb_build_object('name', srvname, 'options', ftoptions) FROM pg_foreign_table JOIN pg_foreign_server AS s ON s.oid = ftserver WHERE ftrelid = cl.oid) END,
           'values', CASE relkind WHEN 'S' THEN concat_ws(' ', seqtypid::regtype, 'start', seqstart, 'increment', seqincrement, 'from', seqmin, 'to', seqmax, 'cache', seqcache, CASE WHEN seqcycle THEN 'cycle' END) END,
           'owned by', o.owned_by))::text
  FROM cl
  LEFT JOIN owned AS o ON o.objid = cl.oid
  LEFT JOIN pg_sequence ON seqrelid = cl.oid
 WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
UNION ALL
SELECT 'column', fq || '.' || quote_ident(attname), word || ' ' || fq, jsonb_strip_nulls(jsonb_build_object(
           'position', row_number() OVER (PARTITION BY attrelid ORDER BY attnum),
           'type', format_type(atttypid, atttypmod),
           'not null', CASE WHEN attnotnull THEN true END,
           'not null constraint', CASE WHEN attnotnull THEN (
               SELECT jsonb_build_object('name', CASE WHEN conname <> relname || '_' || attname || '_not_null' THEN conname END, 'no inherit', CASE WHEN connoinherit THEN true END, 'not valid', CASE WHEN NOT convalidated THEN true END,
                          'local', CASE WHEN coninhcount > 0 AND conislocal THEN true END)
                 FROM pg_constraint AS n WHERE n.conrelid = attrelid AND n.contype = 'n' AND n.conkey = ARRAY[attnum]) END,
           'default', CASE attgenerated WHEN '' THEN pg_get_expr(adbin, adrelid) END,
           'generated', CASE attgenerated WHEN '' THEN NULL ELSE CASE attgenerated WHEN 'v' THEN 'virtual ' ELSE '' END || pg_get_expr(adbin, adrelid) END,
           'identity', CASE attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
           'collation', CASE WHEN attcollation <> typcollation THEN attcollation::regcollation::text END,
           'storage', CASE WHEN attstorage <> typstorage THEN attstorage::text END,
           'compression', CASE WHEN attcompression::text <> '' THEN attcompression::text END,
           'statistics target', CASE WHEN attstattarget >= 0 THEN attstattarget END,
           -- Some minors keep pg_attver there, another number at each change; pg_dump does not print it.
           'options', CASE WHEN attoptions IS NOT NULL THEN (SELECT to_jsonb(array_agg(x ORDER BY x)) FROM unnest(attoptions) AS x WHERE x NOT LIKE 'pg\_attver=%') END,
           'foreign options', to_jsonb(attfdwoptions),
           'inherited', CASE WHEN attinhcount > 0 THEN CASE WHEN attislocal THEN 'and local' ELSE 'only' END END))::text
  FROM cl
  JOIN pg_attribute ON attrelid = cl.oid AND attnum > 0 AND NOT attisdropped
  JOIN pg_type AS t ON t.oid = atttypid
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT 'constraint', quote_ident(conname) || ' on ' || coalesce(cl.fq, ty.fq), coalesce(cl.word || ' ' || cl.fq, ty.word || ' ' || ty.fq), jsonb_strip_nulls(jsonb_build_object(
           'definition', pg_get_constraintdef(c.oid),
           'inherited', CASE WHEN coninhcount > 0 THEN CASE WHEN conislocal THEN 'and local' ELSE 'only' END END))::text
  FROM pg_constraint AS c
  LEFT JOIN cl ON cl.oid = conrelid AND conrelid <> 0
  LEFT JOIN ty ON ty.oid = contypid AND contypid <> 0
 WHERE contype NOT IN ('n', 't') AND NOT (contype = 'f' AND conparentid <> 0) AND coalesce(cl.oid, ty.oid) IS NOT NULL
UNION ALL
SELECT 'index', cl.fq, coalesce('constraint ' || quote_ident(con.conname) || ' on ' || t.fq, t.word || ' ' || t.fq), jsonb_strip_nulls(jsonb_build_object(
           'definition', pg_get_indexdef(indexrelid),
           'clustered', CASE WHEN indisclustered THEN true END,
           'replica identity', CASE WHEN indisreplident THEN true END,
           'invalid', CASE WHEN NOT indisvalid THEN true END,
           'tablespace', (SELECT spcname FROM pg_tablespace AS s WHERE s.oid = cl.reltablespace),
           'statistics', (SELECT jsonb_object_agg(attnum, attstattarget) FROM pg_attribute WHERE attrelid = indexrelid AND attstattarget >= 0),
           'parent', (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = indexrelid)))::text
  FROM cl
  JOIN pg_index ON indexrelid = cl.oid
  JOIN cl AS t ON t.oid = indrelid
  LEFT JOIN pg_constraint AS con ON con.conindid = indexrelid AND con.contype IN ('p', 'u', 'x') AND con.conrelid = indrelid
UNION ALL
SELECT 'rule', quote_ident(rulename) || ' on ' || fq, word || ' ' || fq, jsonb_build_object('definition', pg_get_ruledef(r.oid), 'enabled', ev_enabled)::text
  FROM cl JOIN pg_rewrite AS r ON ev_class = cl.oid WHERE rulename <> '_RETURN'
UNION ALL
SELECT 'trigger', quote_ident(tgname) || ' on ' || fq, word || ' ' || fq, jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', tgenabled)::text
  FROM cl JOIN pg_trigger AS t ON tgrelid = cl.oid WHERE NOT tgisinternal
UNION ALL
SELECT 'internal trigger', tgfoid::regproc || coalesce(' of ' || quote_ident(conname), '') || ' on ' || fq, word || ' ' || fq, jsonb_build_object('enabled', tgenabled)::text
  FROM cl JOIN pg_trigger AS t ON tgrelid = cl.oid LEFT JOIN pg_constraint AS c ON c.oid = tgconstraint WHERE tgisinternal AND tgenabled <> 'O'
UNION ALL
SELECT 'policy', quote_ident(polname) || ' on ' || fq, word || ' ' || fq, jsonb_strip_nulls(jsonb_build_object(
           'command', polcmd, 'restrictive', CASE WHEN NOT polpermissive THEN true END,
           'roles', (SELECT jsonb_agg(r ORDER BY r) FROM (SELECT CASE o WHEN 0 THEN 'public' ELSE pg_get_userbyid(o)::text END AS r FROM unnest(polroles) AS o) AS x),
           'using', pg_get_expr(polqual, polrelid), 'check', pg_get_expr(polwithcheck, polrelid)))::text
  FROM cl JOIN pg_policy ON polrelid = cl.oid
UNION ALL
SELECT word, fq, inside, jsonb_strip_nulls(jsonb_build_object(
           'owner', pg_get_userbyid(proowner),
           'body', CASE WHEN prokind = 'a' THEN NULL WHEN prosqlbody IS NULL THEN prosrc ELSE pg_get_function_sqlbody(fn.oid) END,
           'definition', CASE WHEN prokind <> 'a' THEN replace(pg_get_functiondef(fn.oid), CASE WHEN prosqlbody IS NULL THEN prosrc ELSE pg_get_function_sqlbody(fn.oid) END, '…') END,
           'aggregate', CASE WHEN prokind = 'a' THEN (
               SELECT to_jsonb(concat_ws(' ', pg_get_function_arguments(fn.oid), aggkind, aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn, aggfinalextra, aggmfinalextra,
                          aggfinalmodify, aggmfinalmodify, aggsortop::regoperator, aggtranstype::regtype, aggtransspace, aggmtranstype::regtype, aggmtransspace, coalesce(agginitval, '-'), coalesce(aggminitval, '-'), proparallel))
                 FROM pg_aggregate WHERE aggfnoid = fn.oid) END))::text
  FROM fn
UNION ALL
SELECT 'statistics', q || '.' || quote_ident(stxname), 'schema ' || q, jsonb_strip_nulls(jsonb_build_object(
           'definition', pg_get_statisticsobjdef(s.oid), 'statistics target', CASE WHEN stxstattarget >= 0 THEN stxstattarget END, 'owner', pg_get_userbyid(stxowner)))::text
  FROM pg_statistic_ext AS s JOIN ns ON ns.oid = stxnamespace
 WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_statistic_ext'::regclass AND ext.objid = s.oid)
UNION ALL
SELECT 'comment', 'of ' || CASE WHEN classoid IN ('pg_class'::regclass, 'pg_proc'::regclass) THEN '' ELSE i.type || ' ' END || i.identity,
       CASE classoid WHEN 'pg_constraint'::regclass THEN 'constraint' WHEN 'pg_class'::regclass THEN replace(i.type, 'table column', 'column') ELSE i.type END || ' ' || i.identity,
       jsonb_build_object('text', description)::text
  FROM pg_description AS d CROSS JOIN LATERAL pg_identify_object(classoid, objoid, objsubid) AS i
 WHERE (objoid >= 16384 OR classoid = 'pg_namespace'::regclass AND objoid = 'public'::regnamespace)
   AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = d.classoid AND ext.objid = d.objoid)
   AND i.identity IS NOT NULL AND coalesce(i.schema, '') <> ALL (ARRAY(SELECT quote_ident(h) FROM unnest($1::text[]) AS h))
   AND NOT (classoid = 'pg_namespace'::regclass AND i.name = ANY (ARRAY(SELECT quote_ident(h) FROM unnest($1::text[]) AS h)))
UNION ALL
SELECT 'security label', provider || ' on ' || i.type || ' ' || i.identity, i.type || ' ' || i.identity, jsonb_build_object('label', label)::text
  FROM pg_seclabel CROSS JOIN LATERAL pg_identify_object(classoid, objoid, objsubid) AS i
UNION ALL
SELECT 'event trigger', quote_ident(evtname), '', jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(evtowner), 'event', evtevent, 'function', evtfoid::regprocedure::text, 'enabled', evtenabled, 'tags', evttags))::text
  FROM pg_event_trigger AS e WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_event_trigger'::regclass AND ext.objid = e.oid)
UNION ALL
SELECT 'cast', castsource::regtype || ' as ' || casttarget::regtype, '', jsonb_build_object('function', castfunc::regprocedure::text, 'context', castcontext, 'method', castmethod)::text
  FROM pg_cast AS c WHERE oid >= 16384 AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_cast'::regclass AND ext.objid = c.oid)
UNION ALL
SELECT 'transform', trftype::regtype || ' for ' || (SELECT lanname FROM pg_language AS l WHERE l.oid = trflang), '', jsonb_build_object('from', trffromsql::text, 'to', trftosql::text)::text
  FROM pg_transform AS t WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_transform'::regclass AND ext.objid = t.oid)
UNION ALL
SELECT 'operator', o.oid::regoperator::text, 'schema ' || q, jsonb_build_object('owner', pg_get_userbyid(oprowner), 'function', oprcode::text, 'commutator', oprcom::regoperator::text, 'negator', oprnegate::regoperator::text,
           'restrict', oprrest::text, 'join', oprjoin::text, 'merges', oprcanmerge, 'hashes', oprcanhash)::text
  FROM pg_operator AS o JOIN ns ON ns.oid = oprnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_operator'::regclass AND ext.objid = o.oid)
UNION ALL
SELECT 'operator family', q || '.' || quote_ident(opfname) || ' using ' || amname, 'schema ' || q, jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(opfowner),
           'operators', (SELECT jsonb_agg(concat_ws(' ', amopstrategy, amopopr::regoperator, amoppurpose, nullif(amopsortfamily, 0)::text) ORDER BY amopstrategy, amopopr::regoperator::text) FROM pg_amop WHERE amopfamily = f.oid),
           'functions', (SELECT jsonb_agg(concat_ws(' ', amprocnum, amproclefttype::regtype, amprocrighttype::regtype, amproc::regprocedure) ORDER BY amprocnum, amproclefttype::regtype::text, amprocrighttype::regtype::text) FROM pg_amproc WHERE amprocfamily = f.oid)))::text
  FROM pg_opfamily AS f JOIN pg_am AS m ON m.oid = opfmethod JOIN ns ON ns.oid = opfnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_opfamily'::regclass AND ext.objid = f.oid)
UNION ALL
SELECT 'operator class', q || '.' || quote_ident(opcname) || ' using ' || amname, 'schema ' || q, jsonb_build_object('owner', pg_get_userbyid(opcowner), 'type', opcintype::regtype::text, 'default', opcdefault, 'key', opckeytype::regtype::text,
           'family', (SELECT opfname FROM pg_opfamily AS f WHERE f.oid = opcfamily))::text
  FROM pg_opclass AS o JOIN pg_am AS m ON m.oid = opcmethod JOIN ns ON ns.oid = opcnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_opclass'::regclass AND ext.objid = o.oid)
UNION ALL
SELECT 'collation', q || '.' || quote_ident(collname), 'schema ' || q, (to_jsonb(c) - ARRAY['oid', 'collname', 'collnamespace', 'collowner', 'collversion'] || jsonb_build_object('owner', pg_get_userbyid(collowner)))::text
  FROM pg_collation AS c JOIN ns ON ns.oid = collnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_collation'::regclass AND ext.objid = c.oid)
UNION ALL
SELECT 'conversion', q || '.' || quote_ident(conname), 'schema ' || q, jsonb_build_object('owner', pg_get_userbyid(conowner), 'from', conforencoding, 'to', contoencoding, 'function', conproc::text, 'default', condefault)::text
  FROM pg_conversion AS c JOIN ns ON ns.oid = connamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_conversion'::regclass AND ext.objid = c.oid)
UNION ALL
SELECT 'language', quote_ident(lanname), '', jsonb_build_object('owner', pg_get_userbyid(lanowner), 'trusted', lanpltrusted, 'handler', lanplcallfoid::regproc::text, 'inline', laninline::regproc::text, 'validator', lanvalidator::regproc::text)::text
  FROM pg_language AS l WHERE oid >= 16384 AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_language'::regclass AND ext.objid = l.oid)
UNION ALL
SELECT 'access method', quote_ident(amname), '', jsonb_build_object('handler', amhandler::text, 'type', amtype)::text
  FROM pg_am AS m WHERE oid >= 16384 AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_am'::regclass AND ext.objid = m.oid)
UNION ALL
SELECT 'text search configuration', q || '.' || quote_ident(cfgname), 'schema ' || q, jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(cfgowner), 'parser', (SELECT prsname FROM pg_ts_parser AS p WHERE p.oid = cfgparser),
           'mappings', (SELECT jsonb_agg(concat_ws(' ', (SELECT alias FROM ts_token_type(cfgparser) WHERE tokid = maptokentype), mapdict::regdictionary) ORDER BY maptokentype, mapseqno) FROM pg_ts_config_map WHERE mapcfg = c.oid)))::text
  FROM pg_ts_config AS c JOIN ns ON ns.oid = cfgnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_ts_config'::regclass AND ext.objid = c.oid)
UNION ALL
SELECT 'text search dictionary', q || '.' || quote_ident(dictname), 'schema ' || q, jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(dictowner), 'template', (SELECT tmplname FROM pg_ts_template AS t WHERE t.oid = dicttemplate), 'options', dictinitoption))::text
  FROM pg_ts_dict AS d JOIN ns ON ns.oid = dictnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_ts_dict'::regclass AND ext.objid = d.oid)
UNION ALL
SELECT 'text search parser', q || '.' || quote_ident(prsname), 'schema ' || q, jsonb_build_object('functions', concat_ws(' ', prsstart, prstoken, prsend, prsheadline, prslextype))::text
  FROM pg_ts_parser AS p JOIN ns ON ns.oid = prsnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_ts_parser'::regclass AND ext.objid = p.oid)
UNION ALL
SELECT 'text search template', q || '.' || quote_ident(tmplname), 'schema ' || q, jsonb_build_object('functions', concat_ws(' ', tmplinit, tmpllexize))::text
  FROM pg_ts_template AS t JOIN ns ON ns.oid = tmplnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_ts_template'::regclass AND ext.objid = t.oid)
UNION ALL
SELECT 'foreign-data wrapper', quote_ident(fdwname), '', jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(fdwowner), 'handler', fdwhandler::regproc::text, 'validator', fdwvalidator::regproc::text, 'options', fdwoptions))::text
  FROM pg_foreign_data_wrapper AS w WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_foreign_data_wrapper'::regclass AND ext.objid = w.oid)
UNION ALL
SELECT 'server', quote_ident(srvname), '', jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(srvowner), 'wrapper', (SELECT fdwname FROM pg_foreign_data_wrapper AS w WHERE w.oid = srvfdw), 'type', srvtype, 'version', srvversion, 'options', srvoptions))::text
  FROM pg_foreign_server AS s WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_foreign_server'::regclass AND ext.objid = s.oid)
UNION ALL
SELECT 'user mapping', quote_ident(usename) || ' on ' || quote_ident(srvname), 'server ' || quote_ident(srvname), jsonb_strip_nulls(jsonb_build_object('options', umoptions))::text
  FROM pg_user_mappings
UNION ALL
SELECT 'subscription', quote_ident(subname), '', jsonb_build_object('owner', pg_get_userbyid(subowner), 'enabled', subenabled, 'slot', subslotname, 'publications', subpublications, 'commit', subsynccommit)::text
  FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'role', quote_ident(rolname), '', (to_jsonb(r) - ARRAY['oid', 'rolname', 'rolpassword'])::text
  FROM pg_roles AS r WHERE oid >= 16384 AND rolname <> ALL ($2::text[])
UNION ALL
SELECT 'membership', quote_ident(pg_get_userbyid(member)) || ' in ' || quote_ident(pg_get_userbyid(roleid)) || ' by ' || quote_ident(pg_get_userbyid(grantor)), 'role ' || quote_ident(pg_get_userbyid(member)),
       (to_jsonb(m) - ARRAY['oid', 'roleid', 'member', 'grantor'])::text
  FROM pg_auth_members AS m WHERE roleid >= 16384 OR member >= 16384
