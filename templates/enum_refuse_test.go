package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

func TestEnumSwapRefuses(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `
CREATE TYPE free AS ENUM ('a', 'b');
CREATE TYPE keyed AS ENUM ('a', 'b');
CREATE TABLE by_key (k keyed) PARTITION BY LIST (k);
CREATE TABLE by_key_a PARTITION OF by_key FOR VALUES IN ('a');
CREATE TYPE used AS ENUM ('a', 'b');
CREATE DOMAIN dom AS used;
CREATE TYPE comp AS (u used);
CREATE TYPE rng AS RANGE (subtype = used);
CREATE FUNCTION takes(used) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION atomic() RETURNS boolean BEGIN ATOMIC SELECT 'a'::used = 'b'; END;
CREATE FUNCTION to_used(int) RETURNS used LANGUAGE sql AS $$ SELECT 'a'::used $$;
CREATE CAST (int AS used) WITH FUNCTION to_used;
CREATE FUNCTION less(used, int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR <<< (LEFTARG = used, RIGHTARG = int, FUNCTION = less);
CREATE TYPE in_view AS ENUM ('a', 'b');
CREATE TABLE seen (s in_view);
CREATE VIEW v AS SELECT * FROM seen;
CREATE FUNCTION gives() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM v';
CREATE TYPE held AS ENUM ('a', 'b');
CREATE TABLE holder_of (s held);
CREATE TABLE holds (h holder_of);
CREATE TYPE "rows" AS ENUM ('a', 'b', 'c');
CREATE TABLE has_rows (r rows DEFAULT 'c', l rows[], CHECK (r IN ('a', 'b', 'c')));
INSERT INTO has_rows VALUES ('a', '{a,c}');
CREATE TYPE texts AS ENUM ('a', 'b'); CREATE TABLE textual (s texts); CREATE VIEW kept AS SELECT E'x\ny \'\n\nz' AS t FROM textual WHERE s = 'a'; CREATE VIEW lost AS SELECT E'x \ny' AS t FROM textual WHERE s = 'a';
CREATE VIEW lost2 AS SELECT E'x\n\n\ny' AS t FROM textual WHERE s = 'a';
CREATE TYPE twice AS ENUM ('a', 'b');
CREATE TABLE p1 (t twice); CREATE TABLE p2 (t twice); CREATE TABLE c () INHERITS (p1, p2)`)
	turn := func(typ string) set { return set{"type": typ, "values": "b,a"} }
	wantRefusal(t, url, "enum", turn("keyed"), "partition key of table public.by_key", "enum-rename")
	wantRefusal(t, url, "enum", turn("used"), "type public.dom", "composite type public.comp", "type public.rng", "function public.takes(public.used)",
		"function public.atomic()", "function public.to_used(integer)", "cast from integer to public.used", "operator public.<<<(public.used,integer)", "function public.less(public.used,integer)")
	wantRefusal(t, url, "enum", turn("in_view"), "function public.gives()")
	wantRefusal(t, url, "enum", turn("held"), "column h of table public.holds")
	wantRefusal(t, url, "enum", turn("texts"), "would not come back as it was: view public.lost, view public.lost2")
	wantRefusal(t, url, "enum", turn("twice"), "two parents")
	wantRefusal(t, url, "enum", set{"type": "rows", "values": "b,c"}, "leaves rows behind: 1 of public.has_rows.r are 'a'; 1 of public.has_rows.l are 'a'", "map=a=b")
	wantRefusal(t, url, "enum", set{"type": "rows", "values": "c,a"}, "'b' is named by constraint has_rows_r_check of public.has_rows")
	wantRefusal(t, url, "enum", set{"type": "rows", "values": "b,a"}, "leaves rows behind")
	wantRefusal(t, "", "enum-swap", turn("free"), "must see")
	mustUp(t, url, mustExpand(t, url, "enum", turn("free"))) // a type that nothing uses
	wantValues(t, url, "free", "'b','a'")
}

// What would come back as something else, or not at all.
func TestEnumSwapRefusesWhatItWouldLose(t *testing.T) {
	for says, setup := range map[string]string{
		"stored in column x of table public.h":                                              "CREATE TABLE c () INHERITS (t); CREATE DOMAIN d AS c; CREATE TABLE h (x d)",
		"stored in column x of table public.hv":                                             "CREATE VIEW v AS SELECT s FROM t; CREATE TABLE hv (x v[])",
		"rights on public.v were granted by another role than its owner":                    "CREATE ROLE giver; CREATE ROLE taker; CREATE VIEW v AS SELECT s FROM t; GRANT SELECT ON v TO giver WITH GRANT OPTION; SET ROLE giver; GRANT SELECT ON v TO taker; RESET ROLE",
		"cannot rebuild what depends on st: index public.i":                                 "CREATE INDEX i ON t (s) WHERE s = 'a'; ALTER INDEX i DEPENDS ON EXTENSION plpgsql",
		"constraint u of the partitioned table public.p has settings":                       "CREATE TABLE p (n int, s st, CONSTRAINT u UNIQUE (n, s) WITH (fillfactor = 50)) PARTITION BY LIST (n); CREATE TABLE p1 PARTITION OF p DEFAULT; COMMENT ON INDEX p1_n_s_key IS 'x'",
		"constraint public.u of public.p1 is a partition of an index that is no constraint": "CREATE TABLE p (n int, s st) PARTITION BY LIST (n); CREATE TABLE p1 PARTITION OF p (CONSTRAINT u UNIQUE (n, s)) DEFAULT; CREATE UNIQUE INDEX i ON p (n, s)",
		"the index public.i is not there, or not valid, on every partition":                 "CREATE TABLE p (n int, s st) PARTITION BY LIST (n); CREATE TABLE p1 PARTITION OF p DEFAULT; CREATE INDEX i ON ONLY p (s)",
		"public.p1 has the index public.p1_s_idx twice, as public.j":                        "CREATE TABLE p (n int, s st) PARTITION BY LIST (n); CREATE TABLE p1 PARTITION OF p DEFAULT; CREATE INDEX i ON p (s); CREATE INDEX j ON p1 (s)",
	} {
		t.Run(says, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, "CREATE TYPE st AS ENUM ('a', 'b'); CREATE TABLE t (s st); "+setup)
			wantRefusal(t, url, "enum-swap", set{"type": "st", "values": "b,a"}, says)
			pgtest.Exec(t, url, "DROP VIEW IF EXISTS v CASCADE; DROP ROLE IF EXISTS giver, taker")
		})
	}
}

func TestEnumSwapChecksAgain(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`CREATE TABLE lists (l status[])`)
	pgtest.Exec(t, url, "UPDATE tasks SET status = 'todo', other = 'todo'")
	files := mustExpand(t, url, "enum", set{"type": "status", "values": "new,todo", "map": "done=todo", "strategy": "enum-swap"})
	pgtest.Exec(t, url, "INSERT INTO lists VALUES ('{in_progress,todo}'); UPDATE tasks SET status = 'in_progress' WHERE id < 4")
	before := pgtest.Dump(t, url)
	_, err := ladder(t, url, files).Up(t.Context(), upAll)
	if err == nil || !strings.Contains(err.Error(), "rows have values that the new type lacks: 1 of public.lists.l are 'in_progress'; 3 of public.tasks.status are 'in_progress'") {
		t.Fatal(err)
	}
	sameDump(t, "after the refusal", before, pgtest.Dump(t, url))
}

func TestEnumSwapOddNames(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	long := strings.Repeat("ü", 31) + "x"
	pgtest.Exec(t, url, `
CREATE SCHEMA "S c";
CREATE TYPE "S c"."`+long+`" AS ENUM ('it''s', 'a "b"', E'back\\slash', E'new\nline', '🎉', 'Mixed Case', '{x,y}', '`+strings.Repeat("z", 63)+`');
CREATE TABLE "S c"."T ""q""" ("C ol" "S c"."`+long+`" DEFAULT 'it''s', "select" "S c"."`+long+`"[]);
ALTER TABLE "S c"."T ""q""" ALTER "select" SET DEFAULT ARRAY['it''s', 'a "b"', E'back\\slash', '{x,y}', E'new\nline']::"S c"."`+long+`"[];
INSERT INTO "S c"."T ""q""" SELECT l, ARRAY[l, NULL, 'a "b"']::"S c"."`+long+`"[] FROM unnest(enum_range(NULL::"S c"."`+long+`")) AS l;
CREATE VIEW "S c"."V" AS SELECT "C ol" = 'a "b"' AS a, "select" = ARRAY['{x,y}', E'back\\slash']::"S c"."`+long+`"[] AS b, "select" @> E'{"back\\\\slash","a \\"b\\""}' AS c FROM "S c"."T ""q""";
CREATE INDEX "I x" ON "S c"."T ""q""" ("C ol") WHERE "C ol" IN ('it''s', E'new\nline')`)
	files := mustExpand(t, url, "enum-swap", set{
		"type":   `"S c"."` + long + `"`,
		"map":    `'a "b"'='it''s','it''s'='a "b"',back\slash=/,🎉='$$ 🎈',Mixed Case='x = "y", ''z'''`,
		"values": "'it''s','a \"b\"',/,'$$ 🎈','x = \"y\", ''z''','{x,y}'," + strings.Repeat("z", 63) + ",'new\nline'",
	})
	before := pgtest.Dump(t, url)
	mustUp(t, url, files)
	if got := pgtest.QueryString(t, url, `SELECT string_agg("C ol"::text, '|' ORDER BY "C ol") FROM "S c"."T ""q"""`); got != "it's|a \"b\"|/|$$ 🎈|x = \"y\", 'z'|{x,y}|"+strings.Repeat("z", 63)+"|new\nline" {
		t.Error(got)
	}
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
	if t.Failed() {
		t.Log(texts(files))
	}
}
