package templates

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

const deleted = `CREATE TABLE users (id int PRIMARY KEY, email text, "group" int, deleted_at timestamptz);
CREATE UNIQUE INDEX users_email_key ON users (email) WHERE deleted_at IS NULL;
CREATE INDEX "Odd" ON users USING hash ("group") WHERE deleted_at IS NOT NULL AND id > 3;
COMMENT ON INDEX users_email_key IS 'one each, it''s said';
CREATE INDEX users_id ON users (id);
INSERT INTO users SELECT g, 'u' || g % 20, g, CASE WHEN g > 20 THEN '2020-01-01'::timestamptz + g * interval '1 day' END FROM generate_series(1, 50) AS g;`

func TestSoftDeleteRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, deleted)
	r.add("soft-delete", params("table=users"))
	r.roundTrips()
	r.rows("SELECT count(*) FROM users WHERE is_deleted <> (deleted_at IS NOT NULL)", "0")
	r.rows("SELECT indexdef FROM pg_indexes WHERE indexname IN ('users_email_key', 'Odd') ORDER BY 1",
		`CREATE INDEX "Odd" ON public.users USING hash ("group") WHERE (is_deleted AND (id > 3))`,
		"CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email) WHERE (NOT is_deleted)")
	r.rows("SELECT obj_description('users_email_key'::regclass)", "one each, it's said")
}

func TestSoftDeleteKeepsBothRight(t *testing.T) {
	t.Parallel()
	r := newRig(t, deleted)
	r.add("soft-delete", params("table=users"))
	r.up(3)
	r.exec(`INSERT INTO users VALUES (100, 'a', 1, NULL), (101, 'b', 1, '2021-01-01'); INSERT INTO users (id, is_deleted) VALUES (102, true);
UPDATE users SET is_deleted = true WHERE id = 1; UPDATE users SET deleted_at = now() WHERE id = 2;
DELETE FROM users WHERE id = 14; UPDATE users SET is_deleted = false WHERE id = 34; UPDATE users SET email = 'x', deleted_at = NULL WHERE id = 35`)
	r.rows("SELECT count(*) FROM users WHERE is_deleted <> (deleted_at IS NOT NULL)", "0")
	r.rows("SELECT id, is_deleted FROM users WHERE id IN (1, 2, 34, 35, 100, 101, 102) ORDER BY id",
		"1|true", "2|true", "34|false", "35|false", "100|false", "101|true", "102|true")
	r.up(0)
	r.exec("UPDATE users SET is_deleted = true WHERE id = 3; DELETE FROM users WHERE id = 16; UPDATE users SET is_deleted = false WHERE id = 36")
	r.down(4)
	r.rows("SELECT id, deleted_at IS NULL FROM users WHERE id IN (3, 36) ORDER BY id", "3|false", "36|true")
}

// Old code that is still running writes the time alone, after the last file too.
func TestSoftDeleteKeepsBothRightUntilTheTimeGoes(t *testing.T) {
	t.Parallel()
	r := newRig(t, deleted)
	r.add("soft-delete", params("table=users"))
	r.up(0)
	r.exec(`UPDATE users SET deleted_at = '2024-01-01' WHERE id = 5; UPDATE users SET is_deleted = true WHERE id = 6;
UPDATE users SET deleted_at = NULL WHERE id = 26; UPDATE users SET is_deleted = false WHERE id = 25; UPDATE users SET email = 'x' || id WHERE id IN (7, 28);
INSERT INTO users VALUES (100, 'a', 1, '2024-01-01'); INSERT INTO users (id, email, is_deleted) VALUES (101, 'a', true), (102, 'a', false)`)
	const deletedNow = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM users WHERE id IN (5, 6, 7, 25, 26, 28, 100, 101, 102) AND "
	r.rows(deletedNow+"is_deleted", "5 6 28 100 101")
	r.down(1)
	r.rows(deletedNow+"deleted_at IS NOT NULL", "5 6 28 100 101")
	r.rows("SELECT id FROM users WHERE id = 5 AND deleted_at = '2024-01-01'", "5")
	r.up(0)
	r.exec("DO $$ BEGIN ALTER TABLE users DROP COLUMN deleted_at; RAISE 'dropped'; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$")
	r.exec("ALTER TABLE users DROP COLUMN deleted_at CASCADE; INSERT INTO users (id, is_deleted) VALUES (200, true); UPDATE users SET is_deleted = true")
}

func TestSoftDeleteRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, deleted+"CREATE TABLE odd (id int PRIMARY KEY, gone timestamp); CREATE INDEX ON odd (id) WHERE gone > '2020-01-01'")
	r.refused("soft-delete", params("table=users", "column=deleted"), "did you mean deleted_at?")
	r.refused("soft-delete", params("table=users", "column=email"), "no time")
	r.refused("soft-delete", params("table=odd", "column=gone"), "in a way that no flag can stand for")
	r.refused("soft-delete", params("table=users", "flag=email"), "has a column email already")
}

// The words of a definition may stand in a name or in a string too.
func TestSoftDeleteReadsIndexesOutsideOfQuotes(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE " USING x" (id int PRIMARY KEY, email text, deleted_at timestamp);
CREATE INDEX "is USING it" ON " USING x" ((email || ' WHERE '' USING ')) WHERE deleted_at IS NULL AND email <> '( WHERE E''';
INSERT INTO " USING x" VALUES (1, 'a', NULL)`)
	r.add("soft-delete", params(`table=" USING x"`))
	r.roundTrips()
	r.rows("SELECT pg_get_indexdef('\"is USING it\"'::regclass)",
		`CREATE INDEX "is USING it" ON public." USING x" USING btree (((email || ' WHERE '' USING '::text))) WHERE ((NOT is_deleted) AND (email <> '( WHERE E'''::text))`)
}

// What cannot be built again with the flag would go on to keep rows out.
func TestSoftDeleteRefusesWhatWouldGoOnToBlock(t *testing.T) {
	t.Parallel()
	for index, says := range map[string]string{
		"ALTER TABLE booking ADD CONSTRAINT it EXCLUDE USING gist (room WITH &&) WHERE (deleted_at IS NULL)":              "exclusion constraint it of booking asks for deleted_at",
		"ALTER TABLE booking ADD CONSTRAINT it EXCLUDE (email WITH =, deleted_at WITH =)":                                 "exclusion constraint it of booking asks for deleted_at",
		"CREATE UNIQUE INDEX it ON booking (email, coalesce(deleted_at, 'infinity'))":                                     "unique index it has deleted_at in its key",
		"ALTER TABLE booking ADD CONSTRAINT it UNIQUE NULLS NOT DISTINCT (email, deleted_at)":                             "unique index it has deleted_at in its key",
		"CREATE UNIQUE INDEX it ON booking (email, coalesce(deleted_at, 'infinity')) WHERE id > 3":                        "holds deleted_at in a way",
		"CREATE UNIQUE INDEX ON booking (email, deleted_at); CREATE UNIQUE INDEX ON booking (email) INCLUDE (deleted_at)": "",
	} {
		r := newRig(t, "CREATE TABLE booking (id int PRIMARY KEY, room int4range, email text, deleted_at timestamp)")
		if strings.Contains(index, "NULLS NOT") && pgtest.Major(t, r.url) < 15 {
			continue // it is new in 15
		}
		r.exec(index)
		r.softDeletes("booking", says)
	}
}

// softDeletes wants soft-delete to say so, or to go and return where it says nothing.
func (r *rig) softDeletes(table, says string) {
	r.Helper()
	if says != "" {
		r.refused("soft-delete", params("table="+table), says)
		return
	}
	r.add("soft-delete", params("table="+table))
	r.goesAndReturns()
}

// A partition may have an index that the whole has not.
func TestSoftDeleteRefusesWhatAPartitionHas(t *testing.T) {
	t.Parallel()
	for index, says := range map[string]string{
		"CREATE UNIQUE INDEX it ON booking_1 (email) WHERE deleted_at IS NULL":                                     "its index it cannot be built again",
		"CREATE UNIQUE INDEX it ON booking_1 (email, coalesce(deleted_at, 'infinity'))":                            "unique index it has deleted_at in its key",
		"CREATE INDEX ON booking_1 (deleted_at); CREATE UNIQUE INDEX ON booking (id, deleted_at); ANALYZE booking": "",
	} {
		r := newRig(t, `CREATE TABLE booking (id int PRIMARY KEY, email text, deleted_at timestamp) PARTITION BY LIST (id);
CREATE TABLE booking_1 (deleted_at timestamp, id int NOT NULL, email text); ALTER TABLE booking ATTACH PARTITION booking_1 FOR VALUES IN (1)`)
		r.exec(index)
		r.softDeletes("booking", says)
	}
}

// The ends of names that PostgreSQL made, which tell them apart, are cut off.
func TestSoftDeleteNamesTheIndexesApart(t *testing.T) {
	t.Parallel()
	r := newRig(t, strings.ReplaceAll(`CREATE TABLE xx (id int PRIMARY KEY, email text, deleted_at timestamp); INSERT INTO xx VALUES (1, 'a', NULL), (2, 'a', now());
CREATE INDEX ON xx (email) WHERE deleted_at IS NULL; CREATE INDEX ON xx (email) WHERE deleted_at IS NOT NULL`, "xx", strings.Repeat("x", 60)))
	r.add("soft-delete", params("table="+strings.Repeat("x", 60)))
	r.goesAndReturns()
}

// Each file is run by a role of its own, perhaps: what a policy hides from that
// one would have no flag, or lose its time.
func TestSoftDeleteForcedRowSecurity(t *testing.T) {
	t.Parallel()
	forced(t, "sd_forced", func(r, all *rig, stops func(string, error)) {
		r.add("soft-delete", params("table=f"))
		for i, when := range []string{"add", "fill"} {
			stops(when, r.tryUp(1))
			r.up(1)
			all.exec("ALTER TABLE f FORCE ROW LEVEL SECURITY")
			all.rows("SELECT count(*) FROM f WHERE is_deleted", fmt.Sprint(i))
		}
		r.up(0)
		all.exec("UPDATE f SET is_deleted = NOT is_deleted")
		stops("finish", r.tryDown(1))
		r.down(1)
		all.rows("SELECT id, deleted_at IS NOT NULL FROM f ORDER BY id", "1|true", "2|false")
		all.exec("ALTER TABLE f FORCE ROW LEVEL SECURITY")
		stops("fill", r.tryDown(1))
		r.down(2)
	})
}

// What is left to read the time is for a person to look at.
func TestSoftDeleteListsWhatReadsTheTime(t *testing.T) {
	t.Parallel()
	r := newRig(t, deleted+`ALTER TABLE users ALTER COLUMN deleted_at SET DEFAULT NULL::timestamptz, ADD COLUMN since int DEFAULT 1, ADD CONSTRAINT late CHECK (deleted_at > '2000-01-01'),
 ADD COLUMN alive boolean GENERATED ALWAYS AS (deleted_at IS NULL) STORED;
CREATE VIEW "the
alive" AS SELECT id FROM users WHERE deleted_at IS NULL; CREATE MATERIALIZED VIEW gone AS SELECT deleted_at FROM users; CREATE VIEW ids AS SELECT id FROM users;
CREATE POLICY alive ON users USING (deleted_at IS NULL);
CREATE RULE hide AS ON DELETE TO users WHERE OLD.deleted_at IS NOT NULL DO INSTEAD NOTHING;
CREATE FUNCTION alive() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users WHERE Deleted_At IS NULL';
CREATE FUNCTION other() RETURNS bigint LANGUAGE sql AS 'SELECT count(users.id) FROM users WHERE ''deleted_at_x'' IS NULL';
CREATE TABLE posts (deleted_at date); CREATE FUNCTION posts() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM posts WHERE deleted_at IS NULL';
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.deleted_at := NEW.deleted_at; RETURN NEW; END';
CREATE TRIGGER a_stamp BEFORE UPDATE OF deleted_at ON users FOR EACH ROW EXECUTE FUNCTION stamp()`)
	files, in, err := r.expand("soft-delete", params("table=users"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"column alive of table public.users", "constraint late on table public.users", "function public.alive(), whose text has the name", "function public.stamp(), whose text has the name",
		"materialized view public.gone", "policy alive on table public.users", "rule hide on table public.users", "trigger a_stamp on table public.users", `view public."the alive"`,
	}
	if says := strings.Join(in.Report, "\n"); !strings.Contains(says, "before that goes: "+strings.Join(want, "; ")+"\n") {
		t.Errorf("report: %s", says)
	}
	if up := files[3].Up; !strings.Contains(up, "--   "+strings.Join(want, "\n--   ")+"\n\n") {
		t.Errorf("finish: %s", up)
	}
	r.write(files)
	r.up(0)
}
