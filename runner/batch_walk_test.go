package runner

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtext"
)

// hostile changes all settings that a key's text depends on.
const hostile = `SET extra_float_digits = -10; SET datestyle = 'SQL, DMY'; SET timezone = 'Asia/Kolkata';
		SET intervalstyle = 'sql_standard'; SET bytea_output = 'escape';
		SELECT pg_catalog.set_config('search_path', 'public', false);`

// walks are the tables and keys of TestBatchWalk. Without ddl the key is primary.
var walks = []struct {
	name    string
	columns string // of the table, n not counted
	rows    string // that give them
	key     string // t.k if it is empty
	session string // above the batch
	ddl     string // in place of a primary key
}{
	{name: "int", columns: "k int", rows: "generate_series(1, 300)"},
	{name: "negative", columns: "k int", rows: "generate_series(-150, 150)"},
	{name: "bigint, sparse, to both ends", columns: "k bigint", rows: "unnest(ARRAY[-9223372036854775808, 9223372036854775807] || ARRAY(SELECT i::bigint * i * i * 99999999 FROM generate_series(-150, 150) i))"},
	{name: "smallint", columns: "k smallint", rows: "generate_series(-32768, 32767, 200)"},
	{name: "numeric", columns: "k numeric", rows: "unnest(ARRAY['NaN', 'Infinity', '-Infinity', 1e-100, 1e100]::numeric[] || ARRAY(SELECT i / 7.0 FROM generate_series(-150, 150) i))"},
	{name: "numeric(9,2)", columns: "k numeric(9,2)", rows: "generate_series(-1, 2, 0.01)"},
	// Neighbours, so that a lost digit shows.
	{name: "float8", columns: "k float8", rows: "unnest(ARRAY['NaN', 'Infinity', '-Infinity', -0.0, 1e-300]::float8[] || ARRAY(SELECT 1 + i * 2.220446049250313e-16::float8 FROM generate_series(1, 300) i))"},
	{name: "float8, and the file's own output settings", session: hostile, columns: "k float8", rows: "unnest(ARRAY(SELECT 1 + i * 2.220446049250313e-16::float8 FROM generate_series(1, 300) i))"},
	{name: "real", columns: "k real", rows: "unnest(ARRAY(SELECT (1 + i * 1.1920929e-07)::real FROM generate_series(1, 300) i))", session: hostile},
	{name: "uuid", columns: "k uuid", rows: "unnest(ARRAY(SELECT md5(i::text)::uuid FROM generate_series(1, 300) i))"},
	{name: "text", columns: "k text", rows: awkwardTexts},
	{name: "text C", columns: `k text COLLATE "C"`, rows: awkwardTexts},
	{name: "text en_US of ICU", columns: `k text COLLATE "en-US-x-icu"`, rows: awkwardTexts},
	{name: "text, a nondeterministic collation", columns: "k text COLLATE loose", rows: awkwardTexts, ddl: "CREATE INDEX ON t (k)"},
	{name: "varchar", columns: "k varchar(40)", rows: awkwardTexts},
	{name: "char(n)", columns: "k char(5)", rows: "to_char(generate_series(1, 300), 'FM00000')"},
	{name: "citext's like: a domain", columns: "k email", rows: "'user' || generate_series(1, 300)"},
	{name: "name", columns: "k name", rows: "('user' || generate_series(1, 300))::name"},
	{name: "bytea", columns: "k bytea", rows: "unnest(ARRAY(SELECT decode(md5(i::text), 'hex') FROM generate_series(1, 300) i) || ''::bytea)", session: hostile},
	{name: "bit", columns: "k bit(12)", rows: "generate_series(1, 300)::bit(12)"},
	{name: "varbit", columns: "k varbit", rows: "generate_series(1, 300)::bit(12)::varbit"},
	{name: "timestamptz", columns: "k timestamptz", rows: awkwardTimes},
	{name: "timestamptz, and the file's own output settings", session: hostile, columns: "k timestamptz", rows: awkwardTimes},
	{name: "timestamp", session: hostile, columns: "k timestamp", rows: awkwardTimes},
	{name: "date", session: hostile, columns: "k date", rows: "unnest('{infinity, -infinity, 4713-01-01 BC}'::date[] || ARRAY(SELECT '2024-01-01'::date + i FROM generate_series(1, 300) i))"},
	{name: "time", columns: "k time", rows: "unnest(ARRAY(SELECT time '00:00' + i * interval '1.234567 s' FROM generate_series(1, 300) i))"},
	{name: "interval", session: hostile, columns: "k interval", rows: "unnest(ARRAY(SELECT make_interval(days => i, secs => -i * 1.5) FROM generate_series(-150, 150) i))"},
	{name: "enum", columns: "k mood, id int", key: "t(k,id)", rows: "(enum_range(NULL::mood))[1 + i % 3], i FROM generate_series(1, 300) i"},
	{name: "inet", columns: "k inet", rows: "'10.0.0.0'::inet + generate_series(1, 300)"},
	{name: "an array", columns: "k int[]", rows: "ARRAY[i / 10, i] FROM generate_series(1, 300) i"},
	{name: "boolean, and an int", columns: "k boolean, id int", key: "t(k, id)", rows: "i % 2 = 0, i FROM generate_series(1, 300) i"},
	{name: "two columns, text and int", columns: "a text, b int", key: "t(a,b)", rows: "'x' || i / 50, -i FROM generate_series(1, 300) i"},
	{name: "two columns, in the other order than the table's", columns: "a int, b uuid", key: "t(b,a)", rows: "i % 3, md5((i / 3)::text)::uuid FROM generate_series(0, 299) i"},
	{name: "two columns, timestamptz and bytea", session: hostile, columns: "a timestamptz, b bytea", key: "t(a,b)", rows: "'2024-01-01'::timestamptz + (i % 5) * interval '1 us', decode(md5(i::text), 'hex') FROM generate_series(1, 300) i"},
	{name: "two columns, one with few values", columns: "a int, b int", key: "t(a,b)", rows: "1, i FROM generate_series(1, 300) i"},
	{name: "two columns that may be NULL and are not", columns: "a int, b int", key: "t(a,b)", rows: "i % 7, i FROM generate_series(1, 300) i", ddl: "CREATE INDEX ON t (a, b)"},
	{name: "descending index", columns: "k int", rows: "generate_series(1, 300)", ddl: "CREATE INDEX ON t (k DESC)"},
	{name: "descending index of two columns", columns: "a int, b int", key: "t(a,b)", rows: "i % 7, i FROM generate_series(1, 300) i", ddl: "CREATE INDEX ON t (a DESC, b DESC)"},
	{name: "the head of a wider index", columns: "k int, b int", rows: "i, i FROM generate_series(1, 300) i", ddl: "CREATE INDEX ON t (k, b)"},
	{name: "long runs of one key", columns: "k int", rows: "generate_series(1, 900) / 200", ddl: "CREATE INDEX ON t (k)"},
	{name: "one key only", columns: "k int", rows: "1 FROM generate_series(1, 300)", ddl: "CREATE INDEX ON t (k)"},
	{name: "one row", columns: "k int", rows: "42"},
	{name: "as many rows as a batch", columns: "k int", rows: "generate_series(1, 20)"},
	{name: "one row more than a batch", columns: "k int", rows: "generate_series(1, 21)"},
	{name: "partitioned by range", columns: "k int", rows: "generate_series(1, 300)", ddl: "PARTITION BY RANGE (k); CREATE TABLE p1 PARTITION OF t FOR VALUES FROM (MINVALUE) TO (100); CREATE TABLE p2 PARTITION OF t FOR VALUES FROM (100) TO (200); CREATE TABLE p3 PARTITION OF t DEFAULT; ALTER TABLE t ADD PRIMARY KEY (k)"},
	{name: "partitioned by hash", columns: "k int", rows: "generate_series(1, 300)", ddl: "PARTITION BY HASH (k); CREATE TABLE p1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE p2 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1); ALTER TABLE t ADD PRIMARY KEY (k)"},
	{name: "quoted names", columns: `"The ""Key""" int`, key: `public.t("The ""Key""")`, rows: "generate_series(1, 300)"},
	{name: "a reserved word", columns: `"user" int`, key: `t."user"`, rows: "generate_series(1, 300)"},
}

// Each key is walked from end to end, and each row is met once.
func TestBatchWalk(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
		CREATE DOMAIN email AS text; CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`)
	for _, c := range walks {
		t.Run(c.name, func(t *testing.T) {
			if c.key == "" {
				c.key = "t.k"
			}
			columns := strings.TrimSuffix(c.key[strings.IndexAny(c.key, ".(")+1:], ")")
			if strings.HasPrefix(c.key, "public.") {
				columns = `"The ""Key"""`
			}
			create := "CREATE TABLE t (" + c.columns + ", n int)"
			switch {
			case strings.HasPrefix(c.ddl, "PARTITION"):
				create += c.ddl
			case c.ddl != "":
				create += ";" + c.ddl
			default:
				create += "; ALTER TABLE t ADD PRIMARY KEY (" + columns + ")"
			}
			pgtest.Exec(t, url, "DROP TABLE IF EXISTS t; DROP SCHEMA IF EXISTS rung CASCADE;"+create)
			pgtest.Exec(t, url, "INSERT INTO t SELECT "+c.rows)
			bounds := columns + " BETWEEN $1 AND $2"
			if strings.Contains(columns, ",") {
				bounds = "(" + columns + ") BETWEEN ($1, $2) AND ($3, $4)"
			}
			h := &hearing{}
			f := pairs{"1_n.up.sql": c.session + "\n-- rung:batch rows=20 key=" + c.key + "\nUPDATE t SET n = coalesce(n, 0) + 1 WHERE " + bounds}
			up(t, url, f, h.listen)
			everyOne(t, url)
			batches := tiles(t, url)
			if len(batches) != len(heard[BatchDone](h)) {
				t.Errorf("%d batches in the history, %d told", len(batches), len(heard[BatchDone](h)))
			}
			rows := ask(t, url, "SELECT count(*) FROM t")
			is(t, url, "SELECT sum(rows) FROM rung.batches", rows)
			if !strings.Contains(c.name, "one key") && !strings.Contains(c.name, "nondeterministic") {
				is(t, url, "SELECT sum(keys) FROM rung.batches", rows)
			}
			fillsHoles(t, url, f, batches)
		})
	}
}

// fillsHoles takes every third batch, and the last one, out of the history, as
// if a crash had lost them, and wants just those to run again.
func fillsHoles(t *testing.T, url string, f pairs, batches []logRow) {
	t.Helper()
	lost := int64(0)
	for i, b := range batches {
		if i%3 == 1 || i == len(batches)-1 {
			lost += b.rows
			pgtest.Exec(t, url, "DELETE FROM rung.batches WHERE after_key = "+pgtext.Literal(b.after.Array()))
		}
	}
	pgtest.Exec(t, url, "UPDATE rung.steps SET state = 'started'; UPDATE rung.migrations SET state = 'applying'")
	up(t, url, f)
	tiles(t, url)
	is(t, url, "SELECT count(*) FILTER (WHERE n = 1), count(*) FILTER (WHERE n = 2), count(*) FROM t",
		fmt.Sprintf("%d|%d|%s", total(batches)-lost, lost, ask(t, url, "SELECT count(*) FROM t")))
}

// total is the number of rows that batches changed.
func total(batches []logRow) (n int64) {
	for _, b := range batches {
		n += b.rows
	}
	return n
}

// awkwardTexts are what an array's text form and a literal need quotes for.
const awkwardTexts = `unnest(ARRAY['', ' ', 'NULL', 'null', '"', '''', '\', '\\', '{}', '{a,b}', 'a,b', E'tab\t', E'line\nline', '$1', ':x', 'É', 'é', 'e', 'E', 'ß', 'ss', '日本', '😀', 'a b', 'ab', 'a-b', 'A', 'a', '$rung$']
	|| ARRAY(SELECT 'key ' || i FROM generate_series(1, 200) i))`

// awkwardTimes holds the hour that a zone with summer time has twice, and what
// is hard to write.
const awkwardTimes = `unnest('{infinity, -infinity, 4713-01-01 00:00 BC, 1883-11-18 12:00:00.000001, 294276-12-31 23:59:59.999999}'::timestamptz[]
	|| ARRAY(SELECT '2023-11-05 00:00+00'::timestamptz + i * interval '3 min 0.000001 s' FROM generate_series(1, 300) i))`
