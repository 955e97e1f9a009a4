package templates

import (
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
)

// The templates that keep new and changed rows right by a trigger for each row.
var followers = map[string][]string{
	"add-column":     {"table=things", "column=low", "type=text", "value=lower(note)", "null=true"},
	"change-type":    {"table=things", "column=note", "type=varchar"},
	"derived-column": {"table=things", "column=parts", "source=parts", "value=count(*)"},
	"json-split":     {"table=things", "column=doc", "keys=n int"},
	"list-to-table":  {"table=things", "column=note", "to=notes"},
	"soft-delete":    {"table=things"},
}

const followed = `CREATE TABLE things (id int PRIMARY KEY, note text, doc jsonb, deleted_at timestamp);
CREATE TABLE parts (thing_id int REFERENCES things);
INSERT INTO things VALUES (1, 'A', '{"n": 1}', '2020-01-01'), (2, 'B', '{"n": 2}', NULL);`

func TestFollowingSeesWhatOtherTriggersMade(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"add-column": "low = 'x'", "change-type": "note_new = 'X'", "json-split": "n = 7", "soft-delete": "is_deleted"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, followed+`
CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.note := 'X'; NEW.doc := '{"n": 7}'; NEW.deleted_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER "zz last" BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION change();`)
			r.add(name, params(followers[name]...))
			r.up(2)
			r.exec("INSERT INTO things VALUES (3, 'C', '{}', NULL)")
			r.rows("SELECT count(*) FROM things WHERE id = 3 AND "+want, "1")
		})
	}
}

func TestFollowingRefusesWhatItWouldNotSee(t *testing.T) {
	t.Parallel()
	r := newRig(t, followed+"CREATE TABLE heirs () INHERITS (things)")
	for name, p := range followers {
		r.refused(name, params(p...), "other tables inherit from things")
	}
	r = newRig(t, `CREATE TABLE whole (id int PRIMARY KEY, note text) PARTITION BY LIST (id); CREATE TABLE things PARTITION OF whole DEFAULT;`)
	r.refused("add-column", params(followers["add-column"]...), "things is a partition", "that it is a partition of")
}

// owner makes a role that is no superuser, of which there is one on the server.
const owner = `
DO $$ BEGIN
    PERFORM pg_advisory_xact_lock(4712);
    IF to_regrole('rung_owner') IS NULL THEN CREATE ROLE rung_owner LOGIN; END IF;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO rung_owner', current_database());
END $$;
`

// What a policy hides from the one who runs the batches would be passed over, and
// a check would call rows orphans that are none.
func TestHiddenRowsAreNotPassedOver(t *testing.T) {
	t.Parallel()
	all := map[string][]string{
		"add-foreign-key": {"table=parts", "columns=thing_id", "references=things", "constraint=again"},
		"add-index":       {"table=things", "columns=id", "unique=true"},
		"set-not-null":    {"table=things", "column=note"},
		"backfill":        {"table=things", "column=note", "value='x'"},
		"json-rename-key": {"table=things", "column=doc", "path=n", "to=m"},
	}
	for name, p := range followers {
		all[name] = p
	}
	for name, p := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, followed+owner+`
GRANT ALL ON SCHEMA public TO rung_owner;
ALTER TABLE things OWNER TO rung_owner; ALTER TABLE parts OWNER TO rung_owner;
ALTER TABLE things ENABLE ROW LEVEL SECURITY; ALTER TABLE things FORCE ROW LEVEL SECURITY;
CREATE POLICY few ON things USING (id > 1);`)
			r.add(name, params(p...))
			r.url = pgtest.AsUser(t, r.url, "rung_owner")
			if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "row security hides rows of things from rung_owner") {
				t.Fatalf("up: %v", err)
			}
			r.exec("ALTER TABLE things NO FORCE ROW LEVEL SECURITY")
			r.up(0)
		})
	}
}

// Columns may have the names of a trigger function's variables.
func TestFollowingMeetsColumnsNamedLikeVariables(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE tgs (found int PRIMARY KEY, op text, tg_op text, status text);
CREATE TABLE parts (found int REFERENCES tgs, tg_op int);
INSERT INTO tgs VALUES (1, 'a', 'A,B', 'x'); INSERT INTO parts VALUES (1, 7);`)
	r.add("add-column", params("table=tgs", "column=low", "type=text", "value=lower(tg_op) || found", "default=''"))
	r.add("derived-column", params("table=tgs", "column=n", "source=parts", "value=coalesce(sum(tg_op), 0)", "where=tg_op > 1 AND found > 0", "keep=true"))
	r.add("list-to-table", params("table=tgs", "column=tg_op", "to=words"))
	r.only(8)
	r.up(2)
	r.exec("INSERT INTO tgs VALUES (2, 'b', 'C', 'y'); UPDATE tgs SET tg_op = 'D' WHERE found = 1")
	r.rows("SELECT found, low FROM tgs ORDER BY 1", "1|d1", "2|c2")
	r.up(6)
	r.exec("INSERT INTO parts VALUES (2, 5), (2, 1); UPDATE tgs SET tg_op = 'E' WHERE found = 1; INSERT INTO tgs VALUES (3, 'c', 'D', 'z')")
	r.rows("SELECT found, n FROM tgs ORDER BY 1", "1|7", "2|5", "3|0")
	r.rows("SELECT tg_found, name FROM tg_words JOIN words ON id = word_id ORDER BY 1", "1|E", "2|C", "3|D")
}

// The table that is referred to may be another's.
func TestAddForeignKeySeesAllOfTheOtherTable(t *testing.T) {
	t.Parallel()
	r := newRig(t, owner+`
CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1), (2);
ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON users USING (id > 1);
CREATE TABLE tree (id int PRIMARY KEY, user_id int, up int); INSERT INTO tree VALUES (1, 1, NULL), (2, 2, 1);
GRANT ALL ON SCHEMA public TO rung_owner; GRANT ALL ON users TO rung_owner; ALTER TABLE tree OWNER TO rung_owner;`)
	r.add("add-foreign-key", params("table=tree", "columns=user_id", "references=users"))
	super := r.url
	r.url = pgtest.AsUser(t, r.url, "rung_owner")
	if err := pq.As(r.tryUp(0)); err == nil || err.Message != "row security hides rows of users from rung_owner" || !strings.Contains(err.Hint, "Run it as the owner of users,") {
		t.Fatalf("up: %+v", err)
	}
	r.url = super
	r.exec("ALTER TABLE users DISABLE ROW LEVEL SECURITY; ALTER TABLE tree ENABLE ROW LEVEL SECURITY; ALTER TABLE tree FORCE ROW LEVEL SECURITY")
	r.url = pgtest.AsUser(t, r.url, "rung_owner")
	r.up(0)
	files := r.add("add-foreign-key", params("table=tree", "columns=up", "references=tree"))
	if n := strings.Count(files[0].Up, "row_security_active"); n != 1 {
		t.Errorf("row security is looked at %d times", n)
	}
}
