-- A database that answers as a Citus coordinator does, with what was recorded of Citus
-- 13.2 (docs/citus.md): its catalog, the functions that rung asks, and one of its rules,
-- that a DDL statement is alone in its message. Nothing is distributed.
SET allow_system_table_mods = on;
INSERT INTO pg_catalog.pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion) VALUES (99999, 'citus', 10, 11, false, '13.2-1');

CREATE TABLE pg_catalog.pg_dist_local_group (groupid integer PRIMARY KEY);
INSERT INTO pg_catalog.pg_dist_local_group VALUES (0);
CREATE TABLE pg_catalog.pg_dist_node (nodeid integer PRIMARY KEY, groupid integer, nodename text, nodeport integer);
INSERT INTO pg_catalog.pg_dist_node VALUES (1, 0, 'coordinator', 5432), (2, 1, 'worker1', 5432), (3, 2, 'worker2', 5432);
CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass PRIMARY KEY, partmethod "char", partkey text, colocationid integer, repmodel "char");
CREATE TABLE pg_catalog.pg_dist_shard (logicalrelid regclass, shardid bigint PRIMARY KEY);
CREATE TABLE pg_catalog.pg_dist_placement (placementid bigserial, shardid bigint, groupid integer);
GRANT SELECT ON pg_catalog.pg_dist_local_group, pg_catalog.pg_dist_node, pg_catalog.pg_dist_partition, pg_catalog.pg_dist_shard, pg_catalog.pg_dist_placement TO PUBLIC;
CREATE SEQUENCE pg_catalog.pg_dist_shardid_seq START 102008;

-- What a table has on all nodes: rows and bytes are put here by the test.
CREATE TABLE pg_catalog.recorded_size (rel regclass PRIMARY KEY, rows float8, bytes bigint);
GRANT SELECT ON pg_catalog.recorded_size TO PUBLIC;

CREATE FUNCTION pg_catalog.citus_is_coordinator() RETURNS boolean LANGUAGE sql AS
  $$SELECT (SELECT groupid FROM pg_catalog.pg_dist_local_group) = 0 AND EXISTS (SELECT FROM pg_catalog.pg_dist_node)$$;
CREATE FUNCTION pg_catalog.recorded_table(rel regclass, method "char", key text, model "char", shards integer, colocation integer DEFAULT 1) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  shard bigint;
BEGIN
  INSERT INTO pg_catalog.pg_dist_partition VALUES (rel, method, key, colocation, model);
  FOR i IN 1 .. shards LOOP
    shard := pg_catalog.nextval('pg_catalog.pg_dist_shardid_seq');
    INSERT INTO pg_catalog.pg_dist_shard VALUES (rel, shard);
    INSERT INTO pg_catalog.pg_dist_placement (shardid, groupid)
    SELECT shard, groupid FROM pg_catalog.pg_dist_node WHERE model = 't' OR groupid = CASE colocation WHEN 0 THEN 0 ELSE 1 + i % 2 END;
  END LOOP;
END $$;
CREATE FUNCTION pg_catalog.create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS
  $$SELECT pg_catalog.recorded_table(table_name, 'n', NULL, 't', 1, 2)$$;
CREATE FUNCTION pg_catalog.citus_add_local_table_to_metadata(table_name regclass) RETURNS void LANGUAGE sql AS
  $$SELECT pg_catalog.recorded_table(table_name, 'n', NULL, 's', 1, 0)$$;
CREATE FUNCTION pg_catalog.create_distributed_table(table_name regclass, distribution_column text) RETURNS void LANGUAGE sql AS
  $$SELECT pg_catalog.recorded_table(table_name, 'h', distribution_column, 's', 4)$$;
CREATE FUNCTION pg_catalog.column_to_column_name(rel oid, partkey text) RETURNS text LANGUAGE sql AS $$SELECT partkey$$;

CREATE FUNCTION pg_catalog.recorded_bytes(rel regclass) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_dist_partition WHERE logicalrelid = rel) THEN
    RAISE EXCEPTION 'cannot calculate the size because relation % is not distributed', rel;
  END IF;
  RETURN coalesce((SELECT bytes FROM pg_catalog.recorded_size AS r WHERE r.rel = recorded_bytes.rel), pg_catalog.pg_total_relation_size(rel));
END $$;
CREATE FUNCTION pg_catalog.citus_relation_size(logicalrelid regclass) RETURNS bigint LANGUAGE sql AS $$SELECT pg_catalog.recorded_bytes(logicalrelid)$$;
CREATE FUNCTION pg_catalog.citus_total_relation_size(logicalrelid regclass, fail_on_error boolean DEFAULT true) RETURNS bigint LANGUAGE sql AS $$SELECT pg_catalog.recorded_bytes(logicalrelid)$$;
-- Of what rung asks the shards, the rows: two shards that have half of them each.
CREATE FUNCTION pg_catalog.run_command_on_shards(table_name regclass, command text, parallel boolean DEFAULT true) RETURNS TABLE (shardid bigint, success boolean, result text) LANGUAGE plpgsql AS $$
BEGIN
  IF command !~ 'reltuples' THEN
    RAISE EXCEPTION 'nothing is recorded for %', command;
  END IF;
  RETURN QUERY SELECT 102008::bigint + i, true, ((SELECT r.rows FROM pg_catalog.recorded_size AS r WHERE r.rel = table_name) / 2)::text FROM pg_catalog.generate_series(0, 1) AS i;
END $$;

CREATE FUNCTION pg_catalog.citus_backend_gpid() RETURNS bigint LANGUAGE sql AS $$SELECT 10000000000 + pg_catalog.pg_backend_pid()$$;
CREATE VIEW pg_catalog.citus_stat_activity AS
SELECT CASE application_name WHEN 'on worker1' THEN 20000000000 ELSE 10000000000 END + pid AS global_pid, 1 AS nodeid, false AS is_worker_query, a.* FROM pg_catalog.pg_stat_activity AS a;
-- Who sleeps waits for a session that is called so: pg_blocking_pids knows nothing of it.
CREATE VIEW pg_catalog.citus_lock_waits AS
SELECT 10000000000 + w.pid AS waiting_gpid, b.global_pid AS blocking_gpid
  FROM pg_catalog.pg_stat_activity AS w, pg_catalog.citus_stat_activity AS b
 WHERE w.wait_event = 'PgSleep' AND w.datname = current_database() AND b.datname = w.datname AND b.application_name IN ('on the shard', 'on worker1');
GRANT SELECT ON pg_catalog.citus_stat_activity, pg_catalog.citus_lock_waits TO PUBLIC;

-- Citus sends the whole text of the message to the workers, by the extended protocol.
CREATE FUNCTION pg_catalog.recorded_alone() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
  c record;
BEGIN
  IF pg_catalog.regexp_replace(pg_catalog.current_query(), '--[^\n]*', '', 'g') !~ ';\s*\S' THEN
    RETURN;
  END IF;
  FOR c IN SELECT * FROM pg_catalog.pg_event_trigger_ddl_commands() LOOP
    IF EXISTS (SELECT FROM pg_catalog.pg_dist_partition AS p WHERE p.logicalrelid = c.objid
                OR p.logicalrelid = (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = c.objid)) THEN
      RAISE EXCEPTION 'cannot insert multiple commands into a prepared statement' USING ERRCODE = 'syntax_error';
    END IF;
  END LOOP;
END $$;
-- A trigger on what is not on the coordinator alone asks for a setting.
CREATE FUNCTION pg_catalog.recorded_triggers() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text;
BEGIN
  FOR kind IN SELECT CASE p.repmodel WHEN 't' THEN 'reference' ELSE 'distributed' END
                FROM pg_catalog.pg_event_trigger_ddl_commands() AS c JOIN pg_catalog.pg_trigger AS t ON t.oid = c.objid
                JOIN pg_catalog.pg_dist_partition AS p ON p.logicalrelid = t.tgrelid AND p.colocationid <> 0 LOOP
    IF pg_catalog.current_setting('citus.enable_unsafe_triggers', true) IS DISTINCT FROM 'on' THEN
      RAISE EXCEPTION 'triggers are not supported on % tables', kind;
    END IF;
  END LOOP;
END $$;
CREATE EVENT TRIGGER recorded_alone ON ddl_command_end WHEN TAG IN ('ALTER TABLE', 'CREATE INDEX') EXECUTE FUNCTION pg_catalog.recorded_alone();
CREATE EVENT TRIGGER recorded_triggers ON ddl_command_end WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION pg_catalog.recorded_triggers();
