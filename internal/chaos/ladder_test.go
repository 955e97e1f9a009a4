package chaos

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"rung/internal/pgtest"
)

// ladder is a directory with every kind of file and step. Nothing in it can be
// run twice without showing: each counter says how often its step ran.
var ladder = map[string]string{
	"1_base.up.sql": `
CREATE TABLE counter (name text PRIMARY KEY, n numeric NOT NULL);
INSERT INTO counter VALUES ('file', 0), ('step', 0), ('group', 0), ('call', 0), ('down', 0);
CREATE TABLE big (id int PRIMARY KEY, v text, k int);
INSERT INTO big SELECT i, md5(i::text), i % 97 FROM generate_series(1, 3000) i;
CREATE TABLE part (id int, at int) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (10) TO (20);
INSERT INTO part SELECT i, i % 20 FROM generate_series(1, 100) i;`,
	"1_base.down.sql": "DROP TABLE counter, big, part, part_1;",

	"2_file.up.sql":   "UPDATE counter SET n = n + 1 WHERE name = 'file';\nALTER TABLE big ADD COLUMN w int;\nUPDATE big SET w = k + 1;",
	"2_file.down.sql": "UPDATE counter SET n = n + 1 WHERE name = 'down';\nALTER TABLE big DROP COLUMN w;",

	"3_steps.up.sql": `-- rung:no-transaction
SET search_path = elsewhere, public;
CREATE SCHEMA elsewhere;
UPDATE counter SET n = 2 * n + 1 WHERE name = 'step';
CREATE INDEX CONCURRENTLY big_v ON big (v);
BEGIN;
UPDATE counter SET n = n + 1 WHERE name = 'group';
CREATE TABLE found_by_path (id int);
INSERT INTO found_by_path SELECT count(*) FROM big;
COMMIT;
UPDATE counter SET n = 2 * n + 3 WHERE name = 'step';
VACUUM found_by_path;
UPDATE found_by_path SET id = id + 1;
`,
	"3_steps.down.sql": `-- rung:no-transaction
UPDATE counter SET n = 2 * n + 1 WHERE name = 'down';
DROP INDEX CONCURRENTLY big_v;
UPDATE counter SET n = 2 * n + 5 WHERE name = 'down';
DROP SCHEMA elsewhere CASCADE;
`,

	"4_copy.up.sql":   "COPY big (id, v, k) FROM stdin;\n" + rows(100001, 100200) + "\\.\nUPDATE counter SET n = n + 10 WHERE name = 'file';\nCOPY big (id, v, k) FROM stdin;\n" + rows(200001, 200200) + "\\.\n",
	"4_copy.down.sql": "DELETE FROM big WHERE id > 100000;\nUPDATE counter SET n = n + 10 WHERE name = 'down';",

	"5_concurrent.up.sql": `CREATE UNIQUE INDEX CONCURRENTLY ON big ((id + 1));
REINDEX TABLE CONCURRENTLY big;
ALTER TABLE part DETACH PARTITION part_1 CONCURRENTLY;
DROP INDEX CONCURRENTLY big_v;
CREATE INDEX CONCURRENTLY IF NOT EXISTS big_v ON public.big (v, k);
`,
	"5_concurrent.down.sql": `DROP INDEX CONCURRENTLY big_expr_idx;
ALTER TABLE part ATTACH PARTITION part_1 FOR VALUES FROM (0) TO (10);
UPDATE counter SET n = 2 * n + 7 WHERE name = 'down';
DROP INDEX CONCURRENTLY big_v;
CREATE INDEX CONCURRENTLY big_v ON big (v);
`,

	"6_last.up.sql":   "UPDATE counter SET n = n + 100 WHERE name = 'file';",
	"6_last.down.sql": "UPDATE counter SET n = n + 100 WHERE name = 'down';",
}

func rows(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "%d\tcopied\t%d\n", i, i%97)
	}
	return b.String()
}

// undisturbed are the stories of runs that nothing happened to: all the way
// up, and from there down to the first file.
var undisturbed struct {
	once     sync.Once
	up, down string
}

func undisturbedStories(t *testing.T) (up, down string) {
	t.Helper()
	undisturbed.once.Do(func() {
		url, dir := pgtest.URL(t), files(t, ladder)
		run(t, url, dir, "up")
		undisturbed.up = story(t, url)
		run(t, url, dir, "down", "--to", "1")
		undisturbed.down = story(t, url)
	})
	if undisturbed.down == "" {
		t.Fatal("there is no undisturbed run to compare with")
	}
	return undisturbed.up, undisturbed.down
}
