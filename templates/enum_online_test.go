package templates

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// The column is the last one, where it comes to stand again in the down migration.
const tickets = `CREATE TYPE status AS ENUM ('todo', 'doing', 'done', 'cancelled');
CREATE TABLE tickets (id int PRIMARY KEY, note text, status status NOT NULL DEFAULT 'todo');
INSERT INTO tickets SELECT g, 'n' || g, (enum_range(NULL::status))[g % 4 + 1] FROM generate_series(1, 200) AS g;
`

// steppedBack applies the five files, each up, down and up again, and compares.
// On the down migration from the last one columns change their order, and nothing else.
func (r *rig) steppedBack() {
	r.Helper()
	before := r.shape()
	r.eachRung(4)
	switched := r.shape()
	r.up(1)
	after := r.shape()
	r.down(1)
	r.sameShape("down from the contract", switched)
	r.up(1)
	r.sameShape("up to the contract again", after)
	r.down(5)
	r.sameShape("all the way down", before)
	r.up(0)
	r.sameShape("all the way up again", after)
}

// ordered is what the order of columns shows in: in a dump, and in a snapshot.
var ordered = regexp.MustCompile(`(?ms:^COPY .*?^\\\.$)| number \d+ `)

// shape is a dump without regard to the order of columns.
func (r *rig) shape() string {
	r.Helper()
	dump := r.dump()
	if !byPgDump(dump) { // a snapshot ends with the rows
		dump, _, _ = strings.Cut(dump, "\nrow ")
	}
	lines := strings.Split(ordered.ReplaceAllString(dump, ""), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], ",")
	}
	slices.Sort(lines)
	tables := pgtest.QueryStrings(r, r.url, "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'rung') ORDER BY 1")
	for _, t := range tables {
		lines = append(lines, t)
		lines = append(lines, pgtest.QueryStrings(r, r.url, "SELECT to_jsonb(t)::text FROM "+t+" AS t ORDER BY 1")...)
	}
	return strings.Join(lines, "\n")
}

func (r *rig) sameShape(when, want string) {
	r.Helper()
	if got := r.shape(); got != want {
		r.Fatalf("%s:\n%s\n%s", when, lineDiff(want, got), r.text())
	}
}

func TestEnumOnlineRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, tickets)
	r.add("enum-online", params("type=status", "values=review,cancelled,finished,open", "map=todo=open,doing=review,done=finished"))
	before := r.dump()
	r.steppedBack()
	after := r.dump()
	r.rows("SELECT status, count(*) FROM tickets GROUP BY 1 ORDER BY 1", "review|50", "cancelled|50", "finished|50", "open|50")
	r.rows("SELECT count(*) FROM tickets WHERE status::text <> (ARRAY['open', 'review', 'finished', 'cancelled'])[id % 4 + 1]", "0")
	r.rows("SELECT typname FROM pg_type WHERE typtype = 'e'", "status")
	r.down(5)
	r.same("all the way down", before)
	r.up(0)
	r.same("all the way up", after)
}

// onlineBase is base with a key on every table.
const onlineBase = `
CREATE TYPE status AS ENUM ('todo', 'in_progress', 'done');
CREATE TABLE tasks (id int PRIMARY KEY, note text, status status, other status);
INSERT INTO tasks SELECT n, 'todo', (ARRAY['todo', 'in_progress', 'done', NULL])[n % 4 + 1]::status, 'done' FROM generate_series(1, 40) AS n;
CREATE TABLE empty (id int PRIMARY KEY, s status NOT NULL);
`

// keyed are the dependents of enum-swap's tests that are carried along here,
// with what gives their tables a key.
var keyed = map[string]string{
	"default":         "",
	"indexes":         `; CREATE INDEX "Partial too" ON tasks USING hash (other) WHERE note <> 'a WHERE b'`,
	"checks":          "; ALTER TABLE tasks DROP CONSTRAINT three, ADD CONSTRAINT three CHECK (status <> 'done' OR id > 0) NOT VALID",
	"views":           "",
	"instead of":      "",
	"rule":            "; ALTER TABLE target ADD COLUMN id serial PRIMARY KEY",
	"triggers":        "",
	"policy":          "; ALTER TABLE secured ADD PRIMARY KEY (id)",
	"arrays":          "",
	"publication":     "",
	"statistics":      "",
	"type's own":      "",
	"other schemas":   `; ALTER TABLE "Other"."Tab le" ADD COLUMN "I d" uuid DEFAULT gen_random_uuid(), ADD COLUMN n int DEFAULT 3, ADD PRIMARY KEY (n, "I d")`,
	"keys and grants": `; ALTER TABLE keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY (id), ALTER COLUMN status SET NOT NULL; ALTER TABLE keyed ALTER COLUMN status SET STATISTICS 300, ALTER COLUMN status SET (n_distinct = 4)`,
	"uniques":         `ALTER TABLE tasks ADD CONSTRAINT "once only" UNIQUE (status, id) INCLUDE (note) DEFERRABLE INITIALLY DEFERRED; COMMENT ON CONSTRAINT "once only" ON tasks IS 'todo'; CREATE UNIQUE INDEX identity ON empty (s, id); ALTER TABLE empty REPLICA IDENTITY USING INDEX identity`,
	"constants":       `CREATE TABLE former (id int PRIMARY KEY, t text, CHECK (t <> ('done'::status)::text)); CREATE INDEX aside_word ON former ((ARRAY['todo', 'done']::status[]))`,
}

func TestEnumOnlineDependents(t *testing.T) {
	for _, what := range slices.Sorted(maps.Keys(keyed)) {
		t.Run(what, func(t *testing.T) {
			if !strings.Contains(dependents[what]+keyed[what], "CREATE ROLE") { // roles are the server's
				t.Parallel()
			}
			r := newRig(t, "")
			dropRoles(t, r.url)
			r.exec(onlineBase + dependent(t, r.url, what) + keyed[what])
			r.add("enum-online", permutation)
			r.steppedBack()
		})
	}
}

func TestEnumOnlineAllAtOnce(t *testing.T) {
	r := newRig(t, "")
	dropRoles(t, r.url)
	r.exec(onlineBase)
	for _, what := range slices.Sorted(maps.Keys(keyed)) {
		r.exec(dependent(t, r.url, what) + keyed[what])
	}
	r.add("enum-online", permutation)
	r.steppedBack()
	r.rows("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")
	r.rows("SELECT conname FROM pg_constraint WHERE NOT convalidated", "three")
	r.rows("SELECT relname FROM pg_class WHERE relname ~ '_(new|old)$' UNION SELECT typname FROM pg_type WHERE typname ~ '_(new|old)$' UNION SELECT attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid AND relkind = 'r' WHERE attname ~ '_(new|old)$' UNION SELECT conname FROM pg_constraint WHERE contype <> 'n' AND conname ~ '_(new|old|agrees|not_null)$' UNION SELECT tgname FROM pg_trigger WHERE tgname LIKE '%follow' UNION SELECT proname FROM pg_proc WHERE proname LIKE '%follow'")
}
