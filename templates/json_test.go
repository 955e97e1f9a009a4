package templates

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

const settings = `CREATE TABLE users (id int PRIMARY KEY, settings jsonb);
INSERT INTO users VALUES
 (1, '{"dark": true, "n": 12, "who": "me", "id": "0188AAAA-0000-0000-0000-000000000000"}'), (2, '{"dark": false, "n": 12.0}'),
 (3, '{"dark": null}'), (4, '{}'), (5, NULL), (6, '[1]'), (7, '"dark"'), (8, '{"n": 9e3, "other": {"dark": 1}}');`

const darkKeys = `keys=dark boolean, n integer, who AS "Who is it" text, id AS ref uuid, dark AS raw jsonb`

func TestJSONSplitRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, settings)
	r.add("json-split", params("table=users", "column=settings", darkKeys))
	r.roundTrips()
	r.rows(`SELECT id, dark, n, "Who is it", ref, raw FROM users ORDER BY id`,
		"1|true|12|me|0188aaaa-0000-0000-0000-000000000000|true", "2|false|12|||false", "3|||||", "4|||||", "5|||||", "6|||||", "7|||||", "8||9000|||")
}

func TestJSONSplitWritesColumnsBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, settings)
	r.add("json-split", params("table=users", "column=settings", "keys=dark boolean, n int", "skip=true"))
	r.up(2)
	r.exec(`INSERT INTO users VALUES (9, '{"dark": true, "n": "abc"}')`)
	r.rows("SELECT dark, n FROM users WHERE id = 9", "true|")
	r.up(0)
	r.exec("UPDATE users SET dark = true, n = NULL WHERE id IN (1, 2, 5, 9)")
	r.down(3)
	r.rows("SELECT id, settings FROM users WHERE id IN (1, 2, 5, 9) ORDER BY id",
		`1|{"id": "0188AAAA-0000-0000-0000-000000000000", "who": "me", "dark": true}`, `2|{"dark": true}`, `5|{"dark": true}`, `9|{"n": "abc", "dark": true}`)
}

func TestJSONSplitNamesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	r := newRig(t, settings+`INSERT INTO users VALUES (10, '{"n": "abc"}'), (11, '{"n": 12.7, "dark": "yes"}'), (12, '{"n": 3000000000}')`)
	r.add("json-split", params("table=users", "column=settings", "keys=dark boolean, n int"))
	before := r.dump()
	err := r.tryUp(0)
	if err == nil || !strings.Contains(err.Error(), "4 values in users.settings do not fit") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE users SET settings = '{}' WHERE id > 9")
	r.up(0)
}

// The application goes on to write documents after the first look.
func TestJSONSplitLooksAgainBeforeTheColumnsCount(t *testing.T) {
	t.Parallel()
	r := newRig(t, settings)
	r.add("json-split", params("table=users", "column=settings", "keys=dark boolean, n int"))
	r.up(2)
	r.exec(`INSERT INTO users VALUES (9, '{"dark": true, "n": "abc"}'), (10, '{"n": null}')`)
	before := r.dump()
	err := pq.As(r.tryUp(0))
	if err == nil || err.Message != "1 values in users.settings do not fit their columns" || err.Detail != `For example: id 9: n is "abc"` {
		t.Fatalf("up: %+v", err)
	}
	r.same("after the refusal", before)
	r.exec(`UPDATE users SET settings = '{"n": 77}' WHERE id = 9`)
	r.up(0)
	r.rows("SELECT n FROM users WHERE id = 9", "77")
	r.down(3)
}

// What a writer wrote before the look, and commits after it, is seen too.
// The way resumes there, or back.
func TestJSONSplitSeesWhatWasBeingWrittenAtTheLook(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"up", "down"} {
		t.Run(way, func(t *testing.T) { t.Parallel(); splitWhileWritten(t, way) })
	}
}

func splitWhileWritten(t *testing.T, way string) {
	r := newRig(t, settings)
	r.add("json-split", params("table=users", "column=settings", darkKeys))
	r.up(2)
	before := r.dump()
	db, err := sql.Open("postgres", r.url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`INSERT INTO users VALUES (9, '{"n": "77"}')`); err != nil {
		t.Fatal(err)
	}
	moved := make(chan error, 1)
	go func() { moved <- r.tryUp(0) }()
	const waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass"
	for end := time.Now().Add(20 * time.Second); len(pgtest.QueryStrings(t, r.url, waits)) == 0; {
		if time.Now().After(end) {
			t.Fatal("does not wait for users")
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	said := pq.As(<-moved)
	if said == nil || said.Message != "1 values in users.settings do not fit their columns" || said.Detail != `For example: id 9: n is "77"` {
		t.Fatalf("up: %+v", said)
	}
	_, err = db.Exec(`INSERT INTO users VALUES (10, '{"who": 1}')`)
	if e := pq.As(err); e == nil || e.Constraint != "users_settings_fits" {
		t.Errorf("%+v", e)
	}
	if way == "down" {
		r.down(1)
		r.exec("DELETE FROM users WHERE id = 9")
		r.same("after the down migration", before)
		return
	}
	r.exec(`UPDATE users SET settings = '{"n": 77}' WHERE id = 9; INSERT INTO users VALUES (10, '{"who": null, "dark": false}'), (11, '[]')`)
	r.up(0)
	r.rows("SELECT n, dark FROM users WHERE id > 8 ORDER BY id", "77|", "|false", "|")
	r.rows("SELECT count(*) FROM pg_constraint WHERE conname = 'users_settings_fits'", "0")
	r.down(3)
}

func TestJSONSplitSkips(t *testing.T) {
	t.Parallel()
	r := newRig(t, settings+`INSERT INTO users VALUES (10, '{"n": "abc"}')`)
	r.add("json-split", params("table=users", "column=settings", "keys=dark boolean, n int", "skip=true"))
	r.goesAndReturns()
}

func TestJSONSplitRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, settings+"ALTER TABLE users ADD COLUMN old json")
	for name, c := range map[string]struct{ params, says []string }{
		"type":    {[]string{"column=settings", "keys=dark booleen"}, []string{`"booleen"`, "did you mean boolean?"}},
		"no type": {[]string{"column=settings", "keys=dark"}, []string{"not a key and its type"}},
		"json":    {[]string{"column=old", "keys=dark boolean"}, []string{"is json, not jsonb", "change-type"}},
		"taken":   {[]string{"column=settings", "keys=id int"}, []string{"has a column id already"}},
		"twice":   {[]string{"column=settings", "keys=a int, b AS a int"}, []string{"column a twice"}},
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("json-split", params(append(c.params, "table=users")...), c.says...)
		})
	}
}

const nested = `CREATE TABLE users (id int PRIMARY KEY, doc jsonb);
INSERT INTO users VALUES (1, '{"a": {"mail": 1, "x": 2}}'), (2, '{"a": {"mail": null}}'), (3, '{"a": {"email": 3}}'), (4, '{"a": {"mail": 1, "email": 2}}'),
 (5, '{"a": 1}'), (6, NULL), (7, '[]'), (8, '{"mail": 1}'), (9, '{"a": [{"mail": 1}]}');`

func TestJSONRenameKeyRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, nested)
	r.add("json-rename-key", params("table=users", "column=doc", "path=a.mail", "to=email"))
	r.roundTrips()
	r.rows("SELECT doc FROM users WHERE id < 5 OR id > 7 ORDER BY id",
		`{"a": {"x": 2, "email": 1}}`, `{"a": {"email": null}}`, `{"a": {"email": 3}}`, `{"a": {"mail": 1, "email": 2}}`, `{"mail": 1}`, `{"a": [{"mail": 1}]}`)
	r.exec(`INSERT INTO users VALUES (20, '{"a": {"email": 9}}')`)
	r.down(1)
	r.rows("SELECT doc FROM users WHERE id IN (3, 20) ORDER BY id", `{"a": {"email": 3}}`, `{"a": {"mail": 9}}`)
}

// The side table has another name in the queries than the table, whatever that is.
func TestJSONRenameKeyOfATableNamedLikeAnAlias(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE b (id int PRIMARY KEY, doc jsonb); INSERT INTO b VALUES (1, '{"mail": 1}'), (2, '{"email": 2}'), (3, '{"mail": 3}')`)
	r.add("json-rename-key", params("table=b", "column=doc", "path=mail", "to=email"))
	r.up(0)
	r.rows("SELECT doc FROM b ORDER BY id", `{"email": 1}`, `{"email": 2}`, `{"email": 3}`)
	r.down(1)
	r.rows("SELECT doc FROM b ORDER BY id", `{"mail": 1}`, `{"email": 2}`, `{"mail": 3}`)
}

func TestJSONRenameKeyAtTheTop(t *testing.T) {
	t.Parallel()
	r := newRig(t, nested)
	r.add("json-rename-key", params("table=users", "column=doc", "path=mail", "to=e'mail"))
	r.roundTrips()
	r.rows("SELECT doc FROM users WHERE id = 8", `{"e'mail": 1}`)
}

func TestJSONRenameKeyInArrays(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE users (id int PRIMARY KEY, doc jsonb);
INSERT INTO users VALUES (1, '{"a": {"items": [{"mail": 1}, 7, {"x": 1}, {"mail": null, "y": 2}]}}'), (2, '{"a": {"items": []}}'),
 (3, '{"a": {"items": [{"mail": 1}, {"mail": 1, "email": 2}]}}'), (4, '{"a": {"items": {"mail": 1}}}'), (5, '{"a": {"items": [{"email": 1}]}}'), (6, NULL);`)
	r.add("json-rename-key", params("table=users", "column=doc", "path=a.items[].mail", "to=email"))
	r.roundTrips()
	r.rows("SELECT doc FROM users WHERE id IN (1, 3) ORDER BY id",
		`{"a": {"items": [{"email": 1}, 7, {"x": 1}, {"y": 2, "email": null}]}}`, `{"a": {"items": [{"mail": 1}, {"mail": 1, "email": 2}]}}`)
}

func TestJSONRenameKeyRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, nested)
	for path, says := range map[string]string{"a[].b[].c": "one [] only", "a..b": "no path", "a[]": "no path", "email": "the same"} {
		(&rig{T: t, url: r.url}).refused("json-rename-key", params("table=users", "column=doc", "path="+path, "to=email"), says)
	}
}

// What has no place for a key stops the down migration before it changes anything.
func TestJSONSplitWritesBackIntoObjectsAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE users (id int PRIMARY KEY, settings jsonb); INSERT INTO users VALUES (1, 'null'), (2, '[1]'), (3, NULL)`)
	r.add("json-split", params("table=users", "column=settings", "keys=dark boolean"))
	r.up(0)
	r.exec("UPDATE users SET dark = true")
	before := r.dump()
	err := r.tryDown(1)
	if err == nil || !strings.Contains(err.Error(), "1 values in users.settings are no objects") {
		t.Fatalf("down: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE users SET dark = NULL WHERE id = 2")
	r.down(1)
	r.rows("SELECT id, settings, dark FROM users ORDER BY id", `1|{"dark": true}|true`, "2|[1]|", `3|{"dark": true}|true`)
}

// While the batches run back, an application may write either.
func TestJSONSplitFollowsBothWaysWhileItGoesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE users (id int PRIMARY KEY, settings jsonb); INSERT INTO users VALUES (1, '{"n": 1}'), (2, '{"n": 1}'), (3, '{"n": 1, "x": 2}')`)
	down := r.add("json-split", params("table=users", "column=settings", "keys=n int"))[2].Down
	r.up(0)
	r.exec("UPDATE users SET n = 3 WHERE id = 3")
	trigger, _, _ := strings.Cut(down, "-- What was written to the columns alone")
	r.exec(trigger)
	r.exec(`UPDATE users SET n = 2 WHERE id = 1; UPDATE users SET settings = '{"n": 2}' WHERE id = 2; UPDATE users SET id = 30 WHERE id = 3;
INSERT INTO users VALUES (4, NULL, 4), (5, '{"n": 5}', NULL), (6, '[]', 6), (7, NULL, NULL)`)
	r.rows("SELECT id, settings, n FROM users ORDER BY id",
		`1|{"n": 2}|2`, `2|{"n": 2}|2`, `4|{"n": 4}|4`, `5|{"n": 5}|5`, "6|[]|6", "7||", `30|{"n": 3, "x": 2}|3`)
}

// A key may hold what a layout would change.
func TestJSONSplitTakesKeysOfSeveralLines(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE users (id int PRIMARY KEY, doc jsonb); INSERT INTO users VALUES (1, '{"a \n\n\n b": 5, "c\\\n$$": 6}')`)
	r.add("json-split", params("table=users", "column=doc", "keys=\"a \n\n\n b\" AS a integer, \"c\\\n$$\" AS c integer"))
	r.roundTrips()
	r.exec("INSERT INTO users (id, doc) SELECT 2, doc FROM users")
	r.rows("SELECT id, a, c FROM users ORDER BY id", "1|5|6", "2||")
	r.exec("UPDATE users SET a = 7 WHERE id = 1")
	r.down(1)
	r.rows(`SELECT doc ->> E'a \n\n\n b', doc ->> E'c\\\n$$' FROM users WHERE id = 1`, "7|6")
}

// Unquoted, null in the literal of an array is no text.
func TestJSONRenameKeyBelowNull(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE users (id int PRIMARY KEY, doc jsonb); INSERT INTO users VALUES (1, '{"null": {"x": 1}, "NULL": {"x": 2}}')`)
	r.add("json-rename-key", params("table=users", "column=doc", "path=null.x", "to=null"))
	r.roundTrips()
	r.rows("SELECT doc FROM users", `{"NULL": {"x": 2}, "null": {"null": 1}}`)
}

// Each down migration needs what its own rename found, however many there are.
func TestJSONRenameKeyTwiceInOneColumn(t *testing.T) {
	t.Parallel()
	r := newRig(t, nested+`UPDATE users SET doc = '{"b": {"mail": 5}, "a": {"mail": 6}}' WHERE id = 8`)
	for _, path := range []string{"a.mail", "b.mail", "a.x", "a.x"} {
		r.add("json-rename-key", params("table=users", "column=doc", "path="+path, "to=email"))
		r.up(0)
	}
	r.rows("SELECT relname FROM pg_class WHERE relname LIKE 'users%before%' AND relkind = 'r' ORDER BY 1",
		"users_doc_a_mail_renamed_before", "users_doc_a_x_renamed_before", "users_doc_a_x_renamed_before1", "users_doc_b_mail_renamed_before")
	r.down(4)
	r.roundTrips()
}

// Which of two keys counts only a person can tell: both ways warn of such rows.
func TestJSONRenameKeyWarnsOfBothKeys(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"direct", "online"} {
		r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, doc jsonb); INSERT INTO t VALUES (1, '{"a": 1}'), (2, '{"a": 1, "b": 2}'), (3, '{"b": 3}')`)
		r.add("json-rename-key", params("table=t", "column=doc", "path=a", "to=b", "way="+way))
		heard := ""
		r.hear = func(e runner.Event) { heard += fmt.Sprintf("%+v\n", e) }
		r.up(0)
		if !strings.Contains(heard, "1 documents in t.doc have both keys, and are left as they are") {
			t.Errorf("%s: %s", way, heard)
		}
		r.rows("SELECT doc::text FROM t ORDER BY id", `{"b": 1}`, `{"a": 1, "b": 2}`, `{"b": 3}`)
	}
}
