package pgtest

import (
	"context"
	"database/sql"
	"testing"
)

func TestPgBouncer(t *testing.T) {
	direct := URL(t)
	Exec(t, direct, "CREATE ROLE ordinary LOGIN")
	t.Cleanup(func() { Exec(t, direct, "DROP ROLE ordinary") })

	t.Run("transaction mode changes the server connection between transactions", func(t *testing.T) {
		url := PgBouncer(t, direct, "transaction", 2)
		db, err := sql.Open("postgres", url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		conn, other := mustConn(t, db), mustConn(t, db)
		defer conn.Close()
		defer other.Close()
		first := backend(t, conn)
		// The first server connection is busy now, so the pool opens another.
		tx, err := other.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		var busy int
		if err := tx.QueryRow("SELECT pg_backend_pid()").Scan(&busy); err != nil {
			t.Fatal(err)
		}
		if second := backend(t, conn); busy != first || second == first {
			t.Errorf("first %d, then held by another: %d, then %d", first, busy, second)
		}
	})
	t.Run("session mode does not", func(t *testing.T) {
		if got := QueryString(t, PgBouncer(t, direct, "session", 1), "SELECT current_database() <> 'pgbouncer'"); got != "true" {
			t.Error(got)
		}
	})
	t.Run("lets other users in", func(t *testing.T) {
		ordinary := AsUser(t, direct, "ordinary")
		if got := QueryString(t, PgBouncer(t, ordinary, "transaction", 1), "SELECT current_user"); got != "ordinary" {
			t.Error(got)
		}
	})
	t.Run("is as plain as Debian's", func(t *testing.T) {
		url := PgBouncer(t, direct, "transaction", 1) + "&extra_float_digits=2"
		if err := exec(t.Context(), url, "SELECT 1"); err == nil {
			t.Error("it takes extra_float_digits")
		}
	})
}

func TestTracksPrepared(t *testing.T) {
	for version, want := range map[string]bool{"PgBouncer 1.18.0\nlibevent": false, "PgBouncer 1.21.0": true, "PgBouncer 2.0": true, "": false} {
		if tracksPrepared(version) != want {
			t.Errorf("%q: not %t", version, want)
		}
	}
}

func mustConn(t *testing.T, db *sql.DB) *sql.Conn {
	t.Helper()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func backend(t *testing.T, conn *sql.Conn) int {
	t.Helper()
	var pid int
	if err := conn.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	return pid
}
