package templates

import (
	"fmt"
	rand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/templates/internal/contract"
)

// stops expects the contract to stop, to name this, and to drop nothing; undo takes
// away what was in its way.
func (r *rig) stops(inTheWay, says, undo string) {
	r.Helper()
	before := r.objects()
	r.exec(inTheWay)
	if err := r.tryUp(1); err == nil || !strings.Contains(err.Error(), says) {
		r.Errorf("%s: the contract says %v, not %q", inTheWay, err, says)
	}
	r.exec(undo)
	r.became(before)
}

func TestContractOfSoftDelete(t *testing.T) {
	t.Parallel()
	r := newRig(t, deleted)
	r.add("soft-delete", params("table=users"))
	r.refused("contract", params("of=4"), "have not all been applied here")
	r.up(0)
	before := r.objects()
	r.add("contract", params("of=3"))
	r.stops("CREATE VIEW v AS SELECT deleted_at FROM users", "users.deleted_at is still used by: rule _RETURN on view v", "DROP VIEW v")
	r.stops("CREATE INDEX late ON users (id, deleted_at)", "index late", "DROP INDEX late")
	r.stops("CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(deleted_at) FROM users'", "function f()", "DROP FUNCTION f")
	r.stops("CREATE TRIGGER g BEFORE UPDATE OF deleted_at ON users FOR EACH ROW EXECUTE FUNCTION users_is_deleted_follow()", "trigger g on table users", "DROP TRIGGER g ON users")
	r.stops("SET session_replication_role = replica; UPDATE users SET is_deleted = true WHERE id = 1", "1 rows of users differ in is_deleted and deleted_at", "SET session_replication_role = replica; UPDATE users SET is_deleted = false WHERE id = 1")
	r.up(0)
	r.became(before,
		"-CREATE TRIGGER users_is_deleted_follow BEFORE UPDATE ON public.users FOR EACH ROW WHEN (((old.is_deleted <> new.is_deleted) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION users_is_deleted_follow()",
		"-CREATE TRIGGER users_is_deleted_insert BEFORE INSERT ON public.users FOR EACH ROW WHEN ((new.is_deleted OR (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION users_is_deleted_follow()",
		"-column users.deleted_at timestamp with time zone", "-function users_is_deleted_follow()")
	if r.reverted() {
		t.Error("the times came back")
	}
	r.refused("contract", params("of=1"), "have not all been applied here, or a contract has")
}

func TestContractOfJSONSplit(t *testing.T) {
	t.Parallel()
	const setup = `CREATE TABLE users (id int PRIMARY KEY, doc jsonb);
INSERT INTO users SELECT g, jsonb_build_object('n', g, 'a', jsonb_build_object('b', 'x' || g), 'other', true) FROM generate_series(1, 20) AS g; INSERT INTO users VALUES (30, NULL), (31, '{}'), (32, '{"n": 5}')`
	r := newRig(t, setup)
	r.add("json-split", params("table=users", "column=doc", "keys=n int, a.b AS b text"))
	r.up(2)
	r.refused("contract", params("of=1"), "the trigger users_doc_split is still there")
	r.up(0)
	r.add("contract", params("of=1"))
	before := r.dump()
	r.stops("UPDATE users SET n = 99 WHERE id = 3", "1 documents in users.doc say something else than their columns", "UPDATE users SET n = 3 WHERE id = 3")
	r.batch = "4"
	r.up(0)
	r.rows("SELECT DISTINCT doc::text FROM users ORDER BY 1", `{"a": {}, "other": true}`, "{}", "")
	r.down(1)
	r.same("down", before)
	r.exec("UPDATE users SET n = 99 WHERE id = 3; UPDATE users SET doc = doc - 'other'")
	r.only(3)
	r.add("contract", params("of=2", "stale=true", "drop=column"))
	r.stops("UPDATE users SET doc = doc || '{\"z\": 1}' WHERE id = 4", "have other keys too", "UPDATE users SET doc = doc - 'z' WHERE id = 4")
	r.exec("UPDATE users SET doc = doc #- '{a}'")
	r.up(0)
	r.rows("SELECT count(*), max(n), max(b) FROM users", "23|99|x9")
	r.refused("contract", params("of=9"), "the directory has no up file of version 9")
}

func TestContractOfListToTable(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE posts (id int PRIMARY KEY, tags text); INSERT INTO posts SELECT g, 'a, b,c' || g FROM generate_series(1, 20) AS g`)
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(0)
	r.add("contract", params("of=2"))
	r.exec("DELETE FROM post_tags WHERE post_id = 5") // the tables count
	r.stops("UPDATE posts SET tags = 'new' WHERE id = 3", "1 lists in posts.tags were written last", "UPDATE posts SET tags = 'a, b,c3' WHERE id = 3; DELETE FROM posts_tags_written")
	r.exec("UPDATE posts SET tags = 'x' WHERE id = 4; DELETE FROM post_tags WHERE post_id = 4") // written later than the list
	r.up(0)
	r.rows("SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", "post_tags,posts,tags")
	r.rows("SELECT count(*) FROM post_tags", "54")
	if r.reverted() {
		t.Error("the lists came back")
	}
}

// The same with a table of tags that was there before: its names, key and schema are its
// own, and it stays with its rows.
func TestContractOfListToATableOfTags(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"online", "direct"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, `CREATE SCHEMA app; CREATE TABLE app."Labels" ("No" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Label" text NOT NULL UNIQUE); INSERT INTO app."Labels" ("Label") VALUES ('a'), ('unused');
CREATE TABLE posts (id int PRIMARY KEY, tags text); INSERT INTO posts SELECT g, 'a, b,c' || g FROM generate_series(1, 20) AS g`)
			r.add("list-to-table", params("table=posts", "column=tags", `tags=app."Labels"`, "way="+way))
			r.up(0)
			r.add("contract", params(fmt.Sprint("of=", r.next)))
			if way == "online" {
				r.stops("UPDATE posts SET tags = 'new' WHERE id = 3", "1 lists in posts.tags were written last", "UPDATE posts SET tags = 'a, b,c3' WHERE id = 3; DELETE FROM posts_tags_written")
			}
			r.up(0)
			r.rows("SELECT count(*) FROM pg_attribute WHERE attrelid = 'posts'::regclass AND attname = 'tags' AND NOT attisdropped", "0")
			r.rows(`SELECT count(*) FILTER (WHERE "Label" = 'unused'), count(*) FROM app."Labels"`, "1|23")
			r.rows("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'posts'::regclass AND NOT tgisinternal", "0")
			if r.reverted() {
				t.Error("the lists came back")
			}
		})
	}
}

// A merge keeps which row had which value; its contract drops that, and what wrote its
// own contract is named.
func TestContractOfSideTables(t *testing.T) {
	t.Parallel()
	r := newRig(t, enumBefore+"CREATE TABLE t (id int PRIMARY KEY, s status, n int, txt text); INSERT INTO t SELECT g, (enum_range(NULL::status))[g % 3 + 1], g, CASE g % 2 WHEN 0 THEN 'a' ELSE 'A' END FROM generate_series(1, 9) AS g")
	r.add("enum", params("type=status", "map=todo=done"))
	r.refused("contract", params("of=1"), "there is no table public.t_status_before")
	r.up(0)
	r.add("text-to-enum", params("table=t", "column=txt", "type=letter", "values=a", "map=A=a"))
	r.up(0)
	r.add("contract", params("of=000001"))
	r.stops("CREATE VIEW v AS SELECT * FROM t_status_before", "cannot drop table t_status_before because other objects depend on it", "DROP VIEW v")
	r.up(0)
	r.add("contract", params("of=2"))
	r.up(0)
	r.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", "t")
	if r.reverted() {
		t.Error("what rows had came back")
	}
	n := r.next
	r.add("bigint-key", params("table=t"))
	r.refused("contract", params(fmt.Sprint("of=", n+1)), "bigint-key has written its contract itself")
	r.add("set-not-null", params("table=t", "column=n"))
	r.refused("contract", params(fmt.Sprint("of=", r.next)), "set-not-null leaves nothing")
	r.refused("contract", params("of=1", "stale=true"), "drop and stale are for json-split")
}

// What a head says is read as it was given.
func TestHeadsAreRead(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"users", "it's", `a "b" c`, "x\ny\tz\x01", "a$b`c", `'\x'`, "a\\b\n'c'", "ü, é", ""} {
		set, err := Load(nil)
		if err != nil {
			t.Fatal(err)
		}
		line := order{set["backfill"], map[string]string{"table": "t", "value": value}}.head("backfill", &Input{DB: &Catalog{}})
		if o := contract.OriginOf(line); o == nil || o.Template != "backfill" || o.Params["value"] != value || o.Params["table"] != "t" {
			t.Errorf("%q: %+v", line, o)
		}
	}
	if contract.OriginOf("CREATE TABLE t ();\n") != nil {
		t.Error("a file that nobody wrote")
	}
}

// Contracts are owed for what is applied to its last pair and has none yet.
func TestContractsAreRemembered(t *testing.T) {
	t.Parallel()
	r := newRig(t, deleted)
	r.add("soft-delete", params("table=users"))
	r.add("set-not-null", params("table=users", "column=email"))
	owed := func(applied int, want ...string) {
		t.Helper()
		all := r.written()
		if got := Contracts(all[:applied], all); !slices.Equal(got, want) {
			t.Errorf("%d applied: %q, not %q", applied, got, want)
		}
	}
	owed(0)
	owed(3)
	owed(4, "4")
	owed(5, "4")
	r.up(4)
	r.add("contract", params("of=2"))
	owed(5)
}

// A contract of random changes, each after writes by both sides: what must hold does,
// and what is left is only what the change was for.
func TestContractOfRandomRows(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 2))
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, deleted_at timestamptz, doc jsonb, tags text); INSERT INTO t SELECT g, CASE WHEN g % 3 = 0 THEN now() END, jsonb_build_object('n', g, 's', 'x'), 'a,b' || g FROM generate_series(1, 50) AS g`)
	r.add("soft-delete", params("table=t"))
	r.add("json-split", params("table=t", "column=doc", "keys=n int, s text"))
	r.add("list-to-table", params("table=t", "column=tags", "to=words"))
	r.up(0)
	for range 60 {
		id := random.IntN(60)
		r.exec([]string{
			fmt.Sprintf("UPDATE t SET deleted_at = now() WHERE id = %d", id), fmt.Sprintf("UPDATE t SET is_deleted = NOT is_deleted WHERE id = %d", id),
			fmt.Sprintf("INSERT INTO t (id, deleted_at, n, s) VALUES (%d, now(), 1, 'y') ON CONFLICT DO NOTHING", id), fmt.Sprintf("DELETE FROM t WHERE id = %d", id),
			fmt.Sprintf("DELETE FROM t_words WHERE t_id = %d", id), fmt.Sprintf("UPDATE t SET deleted_at = NULL, is_deleted = true WHERE id = %d", id),
		}[random.IntN(6)])
	}
	flags, docs := "SELECT id, is_deleted, n, s FROM t ORDER BY id", "SELECT count(*) FROM t WHERE doc <> '{}'"
	was := fmt.Sprint(pgtest.QueryStrings(t, r.url, flags))
	for _, of := range []string{"1", "6", "8"} {
		r.add("contract", params("of="+of))
	}
	if err := r.tryUp(0); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	if got := fmt.Sprint(pgtest.QueryStrings(t, r.url, flags)); got != was {
		t.Errorf("seed %d:\n%s\n%s", seed, was, got)
	}
	r.rows(docs, "0")
	r.rows("SELECT string_agg(attname, ',' ORDER BY attname) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped", "doc,id,is_deleted,n,s")
}
