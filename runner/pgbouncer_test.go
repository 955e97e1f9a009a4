package runner

import (
	"strings"
	"sync"
	"testing"

	"rung/internal/pgtest"
)

// Everything goes through PgBouncer in transaction mode as it does straight to
// the server, and leaves its server connections as they were.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t).URL("")
	direct, want := pgtest.Database(t, server), pgtest.Database(t, server)
	pgtest.Exec(t, server, corpusRoles)
	url := pgtest.PgBouncer(t, direct, "transaction", 4)
	f := corpus(t, dumped(t))
	up(t, url, f)
	up(t, want, f)
	sameRecord(t, direct, want)
	clean(t, url)
	down(t, url, f, Request{To: version("0")})
	down(t, want, f, Request{To: version("0")})
	if g, w := pgtest.Snapshot(t, direct), pgtest.Snapshot(t, want); g != w {
		t.Errorf("down: not the same\n%s", differing(g, w))
	}
	clean(t, url)
}

// A failed run leaves nothing in the pool either.
func TestPgBouncerAfterAnError(t *testing.T) {
	t.Parallel()
	direct := pgtest.Database(t, pgtest.Server(t).URL(""))
	url := pgtest.PgBouncer(t, direct, "transaction", 4)
	for _, f := range []pairs{
		{"1_a.up.sql": dirt + "SELECT 1 / 0;\n"},
		{"1_a.up.sql": "BEGIN;\n" + dirt + "COMMIT;\nBEGIN;\nSELECT 1 / 0;\nCOMMIT;\n"},
		{"1_a.up.sql": "CREATE TABLE t (id int);\n" + strings.Split(dirt, "CREATE TEMP")[0] + "COPY public.t FROM stdin;\nx\n\\.\n"},
	} {
		if _, err := upFails(t, url, f); !strings.Contains(err.Error(), "division by zero") && !strings.Contains(err.Error(), "invalid input syntax") {
			t.Error(err)
		}
		clean(t, url)
		pgtest.Exec(t, direct, "DROP SCHEMA rung CASCADE")
	}
}

// clean looks at each server connection of a pool.
func clean(t *testing.T, url string) {
	t.Helper()
	const state = `SELECT pg_sleep(0.3), current_user, session_user, current_setting('search_path'), current_setting('work_mem'), current_setting('client_encoding'),
		current_setting('session_replication_role'), current_setting('default_transaction_read_only'),
		(SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()), (SELECT count(*) FROM pg_prepared_statements WHERE statement !~ 'pg_prepared_statements'),
		(SELECT count(*) FROM pg_cursors WHERE is_holdable), (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`
	const want = `|postgres|postgres|"$user", public|4MB|UTF8|origin|off|0|0|0|0|0`
	var wait sync.WaitGroup
	for range 4 { // at a time, so that each gets a server connection of its own
		wait.Go(func() {
			if got := pgtest.QueryString(t, url, state); got != want {
				t.Errorf("a server connection is left as %s", got)
			}
		})
	}
	wait.Wait()
}
