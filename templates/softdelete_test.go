package templates

import "testing"

const deleted = `CREATE TABLE users (id int PRIMARY KEY, email text, "group" int, deleted_at timestamptz);
CREATE UNIQUE INDEX users_email_key ON users (email) WHERE deleted_at IS NULL;
CREATE INDEX "Odd" ON users USING hash ("group") WHERE deleted_at IS NOT NULL AND id > 3;
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
