package templates

import (
	"testing"
	"testing/fstest"

	"rung/internal/pgtest"
	"rung/templates/internal/catalog"
	"rung/templates/internal/enum"
	"rung/templates/internal/way"
	"rung/templates/internal/words"
)

func TestEnumOnlineRefuses(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `
CREATE TYPE lone AS ENUM ('a', 'b');
CREATE TYPE keyless AS ENUM ('a', 'b'); CREATE TABLE no_key (k keyless);
CREATE TYPE part AS ENUM ('a', 'b'); CREATE TABLE parted (id int PRIMARY KEY, p part, q part) PARTITION BY RANGE (id); CREATE TABLE parted_a PARTITION OF parted DEFAULT;
CREATE TYPE inh AS ENUM ('a', 'b'); CREATE TABLE parent (id int PRIMARY KEY, i inh); CREATE TABLE child () INHERITS (parent);
CREATE TYPE pk AS ENUM ('a', 'b'); CREATE TABLE by_pk (p pk PRIMARY KEY); CREATE TABLE refers (id int PRIMARY KEY, p pk REFERENCES by_pk);
CREATE TYPE by_key AS ENUM ('a', 'b'); CREATE TABLE by_index (id int, k by_key NOT NULL, UNIQUE (id, k)); ALTER TABLE by_index ALTER id SET NOT NULL;
CREATE TYPE much AS ENUM ('a', 'b', 'c'); CREATE TABLE has_much (id int PRIMARY KEY, m much, g boolean GENERATED ALWAYS AS (m = 'a') STORED, EXCLUDE (id WITH =) WHERE (m = 'b'));
CREATE MATERIALIZED VIEW seen AS SELECT m FROM has_much; CREATE INDEX seen_m ON seen (m);
CREATE TYPE taken AS ENUM ('a', 'b', 'c'); CREATE TABLE has_taken (id int PRIMARY KEY, t taken, t_new int); INSERT INTO has_taken VALUES (1, 'b');
CREATE TYPE shadowed AS ENUM ('a', 'b'); CREATE TABLE has_shadowed (id int PRIMARY KEY, s shadowed CHECK (s <> 'a' OR id > 0), s_new int); CREATE INDEX on_s ON has_shadowed (s);
CREATE TYPE named AS ENUM ('a', 'b', 'c'); CREATE TABLE has_named (id int PRIMARY KEY, n named, m int CHECK (m > 0)); CREATE INDEX on_b ON has_named (id) WHERE n = 'b';
CREATE TYPE inner_one AS ENUM ('a', 'b'); CREATE TABLE has_inner_one (id int PRIMARY KEY, n inner_one); CREATE DOMAIN dom AS inner_one;
CREATE TYPE last_one AS ENUM ('a', 'b'); CREATE TABLE has_last_one (id int PRIMARY KEY, n last_one); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER "ä" BEFORE INSERT ON has_last_one FOR EACH ROW EXECUTE FUNCTION f();
CREATE TYPE lines AS ENUM ('a', 'b'); CREATE TABLE has_lines (id int PRIMARY KEY, l lines); COMMENT ON COLUMN has_lines.l IS E'blank \n';`)
	turn := func(typ string) set { return set{"type": typ, "values": "b,a"} }
	wantRefusal(t, url, "enum-online", turn("lone"), "no table has the type", "enum-swap")
	wantRefusal(t, url, "enum-online", set{"type": "lone", "values": "a,b"}, "nothing to do")
	wantRefusal(t, url, "enum-online", turn("keyless"), "public.no_key has no primary key")
	wantRefusal(t, url, "enum-online", turn("part"), "long lock: partitioned table public.parted ·", "enum-swap")
	wantRefusal(t, url, "enum-online", turn("inh"), "public.parent, from which a table inherits", "enum-swap")
	wantRefusal(t, url, "enum-online", turn("pk"), "primary key by_pk_pkey of public.by_pk", "foreign key refers_p_fkey of public.refers")
	wantRefusal(t, url, "enum-online", turn("by_key"), "public.by_index.k is part of the key that batches go along")
	wantRefusal(t, url, "enum", set{"type": "much", "values": "b,a,c", "strategy": "enum-online"}, "generated column public.has_much.g", "exclusion constraint has_much_id_excl of public.has_much", "materialized view public.seen", "enum-swap")
	wantRefusal(t, url, "enum-online", set{"type": "taken", "values": "c,b"}, "public.has_taken has a column t_new already")
	wantRefusal(t, url, "enum-online", turn("shadowed"), "public.has_shadowed has a column s_new already")
	wantRefusal(t, url, "enum-online", set{"type": "taken", "values": "c,a"}, "leaves rows behind: 1 of public.has_taken.t are 'b'")
	wantRefusal(t, url, "enum-online", set{"type": "named", "values": "c,a"}, "'b' is named by index public.on_b")
	wantRefusal(t, url, "enum-online", turn("inner_one"), "enum-online cannot rebuild", "type public.dom")
	wantRefusal(t, url, "enum-online", turn("last_one"), `trigger "ä" of public.has_last_one fires after`)
	wantRefusal(t, url, "enum-online", turn("lines"), "would not come back as it was: column public.has_lines.l")
	wantRefusal(t, "", "enum-online", turn("lone"), "must look at the schema")
	pgtest.Exec(t, url, "CREATE TYPE named_new AS ENUM (); DROP INDEX on_b")
	r := &rig{T: t, url: url, files: fstest.MapFS{}}
	r.add("enum-online", params("type=named", "values=c,a"))
	r.up(0)
	r.rows("SELECT typname FROM pg_type WHERE typname LIKE 'named%' AND typtype = 'e' ORDER BY 1", "named", "named_new")
}

func TestEnumOnlineOwners(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, onlineBase+`CREATE ROLE online_typist LOGIN; ALTER TYPE status OWNER TO online_typist; ALTER TABLE empty OWNER TO online_typist; GRANT ALL ON tasks TO online_typist; GRANT ALL ON SCHEMA public TO online_typist`)
	t.Cleanup(func() {
		pgtest.Exec(t, url, "REASSIGN OWNED BY online_typist TO postgres; DROP OWNED BY online_typist; DROP ROLE online_typist")
	})
	wantRefusal(t, pgtest.AsUser(t, url, "online_typist"), "enum-online", permutation, "does not own public.tasks", "owner is postgres", "--role")
}

// What is big is for enum-retire where that fits, and for enum-online otherwise.
func TestEnumOnlineIsChosen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		new  []string
		to   map[string]string
		size int64
		want string
	}{
		"a merge":         {[]string{"a", "b"}, map[string]string{"c": "b"}, way.Big + 1, "enum-retire"},
		"a removal":       {[]string{"a", "b"}, nil, way.Big + 1, "enum-online"},
		"another order":   {[]string{"c", "a", "b"}, nil, way.Big + 1, "enum-online"},
		"a merge renamed": {[]string{"a", "x"}, map[string]string{"b": "x", "c": "x"}, way.Big + 1, "enum-online"},
		"not so big":      {[]string{"c", "a", "b"}, nil, way.Big, "enum-swap"},
		"a renaming":      {[]string{"a", "b", "x"}, map[string]string{"c": "x"}, way.Big + 1, "enum-rename"},
	} {
		change := &enum.Change{Enum: &catalog.Enum{Columns: []catalog.EnumColumn{{Bytes: c.size}}}, Old: []string{"a", "b", "c"}, New: c.new}
		var pairs []words.Pair
		for from, to := range c.to {
			pairs = append(pairs, words.Pair{From: from, To: to})
		}
		if err := change.Fill(pairs); err != nil {
			t.Fatal(err)
		}
		if got, why := change.Strategy(way.Big); got != c.want {
			t.Errorf("%s: %s, %s", name, got, why)
		}
	}
}
