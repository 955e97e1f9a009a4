package chaos

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// indexed is a directory with three CREATE INDEX CONCURRENTLY, big enough that
// they take a while.
var indexed = map[string]string{
	"1_tables.up.sql": `CREATE TABLE a (id int PRIMARY KEY, n int);
		CREATE TABLE b (id int PRIMARY KEY, n int);
		INSERT INTO a SELECT i, i % 1000 FROM generate_series(1, 20000) i;
		INSERT INTO b SELECT i, i % 1000 FROM generate_series(1, 20000) i;`,
	"2_one.up.sql":  "CREATE INDEX CONCURRENTLY a_n ON a (n);",
	"3_two.up.sql":  "CREATE INDEX CONCURRENTLY b_n ON b (n);\nCREATE UNIQUE INDEX CONCURRENTLY ON b ((n * 100000 + id));",
	"4_last.up.sql": "ALTER TABLE a ADD COLUMN last text;",
}

const eight = 8

// upTogether starts eight runners and wants each to exit 0.
func upTogether(t *testing.T, url func(i int) string, dir string, args ...string) {
	t.Helper()
	var ps []*process
	for i := range eight {
		ps = append(ps, start(t, url(i), dir, append(args, "up", "--json")...))
	}
	done := 0
	for _, p := range ps {
		p.must(0)
		done += len(p.json().Done)
	}
	if done != 4 {
		t.Errorf("the eight applied %d migrations between them, not 4", done)
	}
}

func indexedOnce(t *testing.T, url string) {
	t.Helper()
	if got := logged(t, url); got != "up 1, up 2, up 3, up 4" {
		t.Errorf("the log says %s", got)
	}
	if got := pgtest.QueryString(t, url, "SELECT string_agg(indexrelid::regclass || ' ' || indisvalid, ', ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid IN ('a'::regclass, 'b'::regclass) AND NOT indisprimary"); got != "a_n true, b_expr_idx true, b_n true" {
		t.Errorf("indexes: %s", got)
	}
	mustBeFree(t, url)
}

func TestEightAtOnce(t *testing.T) {
	t.Parallel()
	dir := files(t, indexed)
	t.Run("on a fresh database, straight", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		upTogether(t, func(int) string { return url }, dir)
		indexedOnce(t, url)
	})
	t.Run("on a fresh database, through PgBouncer", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		pooled := pgtest.PgBouncer(t, url, "transaction", 10)
		upTogether(t, func(int) string { return pooled }, dir)
		indexedOnce(t, url)
	})
	t.Run("some straight and some through PgBouncer", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		pooled := pgtest.PgBouncer(t, url, "transaction", 10)
		upTogether(t, func(i int) string { return []string{url, pooled}[i%2] }, dir)
		indexedOnce(t, url)
	})
	t.Run("where the history exists already", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		dir := files(t, indexed)
		write(t, dir, "0_first.up.sql", "SELECT 1")
		run(t, url, dir, "up", "--to", "0")
		upTogether(t, func(int) string { return url }, dir)
		if got := logged(t, url); got != "up 0, up 1, up 2, up 3, up 4" {
			t.Errorf("the log says %s", got)
		}
	})
}

// Nothing but the schema's creation is contended for here, many times over.
func TestRecordIsCreatedOnce(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"1_t.up.sql": "CREATE TABLE t ()"})
	for range 5 {
		url := pgtest.URL(t)
		var ps []*process
		for range eight {
			ps = append(ps, start(t, url, dir, "up"))
		}
		for _, p := range ps {
			p.must(0)
		}
		if got := logged(t, url); got != "up 1" {
			t.Errorf("the log says %s", got)
		}
	}
}

// Two directories in one database have nothing to do with each other, save
// that CREATE INDEX CONCURRENTLY waits for everybody's transactions.
func TestTwoHistorySchemasAtOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE shared (id int PRIMARY KEY, n int); INSERT INTO shared SELECT i, i FROM generate_series(1, 20000) i")
	directory := func(name string) string {
		content := map[string]string{}
		for i := range 3 {
			content[fmt.Sprintf("%d_i.up.sql", i)] = fmt.Sprintf(`CREATE TABLE %[1]s_%[2]d (id int);
				CREATE INDEX CONCURRENTLY %[1]s_own_%[2]d ON %[1]s_%[2]d ((id + 1));
				CREATE INDEX CONCURRENTLY %[1]s_shared_%[2]d ON shared ((n + %[2]d));`, name, i)
		}
		return files(t, content)
	}
	var ps []*process
	for _, name := range []string{"left", "right"} {
		dir := directory(name)
		for range 3 {
			ps = append(ps, start(t, url, dir, "--history-schema", name, "up"))
		}
	}
	for _, p := range ps {
		p.must(0)
	}
	for _, name := range []string{"left", "right"} {
		if got := strings.Join(pgtest.QueryStrings(t, url, "SELECT version FROM \""+name+"\".log ORDER BY id"), " "); got != "0 1 2" {
			t.Errorf("%s: the log says %s", name, got)
		}
	}
	if got := pgtest.QueryString(t, url, "SELECT count(*) || ' ' || bool_and(indisvalid) FROM pg_index WHERE indexrelid::regclass::text ~ '^(left|right)_(own|shared)_'"); got != "12 true" {
		t.Errorf("indexes: %s", got)
	}
}
