package runner

import (
	"errors"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// A backfill waits for a replica that is too far behind, says so, holds
// nothing meanwhile, and goes on when the replica has caught up.
func TestBatchMaxLag(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	url := server.URL("")
	standby := pgtest.Standby(t, server)
	numbered(t, url, 2000)
	eventually(t, "the replica has the table", func() bool {
		return pgtestTry(t, standby, "SELECT count(*) FROM t") == nil && ask(t, standby, "SELECT count(*) FROM t") == "2000"
	})

	t.Run("which keeps up", func(t *testing.T) {
		h := &hearing{}
		up(t, url, counting("rows=200 max-lag=1min"), h.listen)
		if len(heard[WaitingForReplica](h)) > 0 {
			t.Error("it waited")
		}
		again(t, url)
	})
	t.Run("whose replay is paused", func(t *testing.T) { waitsForReplay(t, url, standby) })
	t.Run("that goes away", func(t *testing.T) {
		pgtest.Exec(t, standby, "SELECT pg_wal_replay_pause()")
		waits := 0
		h := &hearing{on: func(e Event) {
			if _, ok := e.(WaitingForReplica); !ok {
				return
			}
			if waits++; waits == 1 {
				pgtest.Exec(t, standby, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walreceiver'")
			} else {
				pgtest.Exec(t, standby, "SELECT pg_wal_replay_resume()") // it is back already
			}
		}}
		up(t, url, counting("rows=10 target=1ms max-lag=300ms pause=10ms"), h.listen)
		if waits == 0 {
			t.Error("it did not wait")
		}
		everyOne(t, url)
		pgtest.Exec(t, standby, "SELECT pg_wal_replay_resume()")
		again(t, url)
	})
	t.Run("that the role may not see", func(t *testing.T) {
		eventually(t, "the replica streams", func() bool {
			return ask(t, url, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1"
		})
		pgtest.Exec(t, url, "CREATE ROLE plain LOGIN; GRANT SELECT, UPDATE ON t TO plain; GRANT CREATE ON DATABASE postgres TO plain")
		plain := pgtest.AsUser(t, url, "plain")
		_, err := upFails(t, plain, counting("max-lag=10s"))
		var hinted *HintedError
		if !errors.As(err, &hinted) || err.Error() != "sql/1_count.up.sql: max-lag: this role may not see how far the replicas are" || hinted.Hint != "GRANT pg_monitor to it, or leave max-lag out" {
			t.Errorf("%v", err)
		}
		is(t, url, "SELECT sum(n) FROM t", "0")
		pgtest.Exec(t, url, "GRANT pg_monitor TO plain")
		up(t, plain, counting("max-lag=10s"))
		everyOne(t, url)
	})
}

// waitsForReplay stops and starts the replica's replay under a backfill.
func waitsForReplay(t *testing.T, url, standby string) {
	t.Helper()
	pgtest.Exec(t, standby, "SELECT pg_wal_replay_pause()")
	f := counting("rows=10 target=1ms max-lag=300ms workers=2 pause=10ms")
	waits, paused := make(chan WaitingForReplica, 100), make(chan Paused, 10)
	h := &hearing{on: func(e Event) {
		switch e := e.(type) {
		case WaitingForReplica:
			waits <- e
		case Paused:
			paused <- e
		}
	}}
	r := startUp(t, url, f, h.listen)
	if e := <-waits; e.MaxLag != 300*time.Millisecond || e.Lag <= e.MaxLag || e.Lag > patience || e.File != "sql/1_count.up.sql" {
		t.Errorf("%+v", e)
	}
	// The other worker comes to the same conclusion after its batch at most.
	n := countAfterProbes(t, url, 4)
	if now := countAfterProbes(t, url, 4); now != n {
		t.Errorf("%d batches, %d before", now, n)
	}
	is(t, url, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rung' AND (state <> 'idle' OR xact_start IS NOT NULL) AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory') AND query NOT LIKE '%pg_stat_replication%' AND query NOT LIKE '%control%'", "0")
	// It can be paused while it waits.
	steered(t, url, pause)
	<-paused
	nothingOpen(t, url)
	steered(t, url, resume)
	<-waits // a new run measures from its own start
	r.still()
	pgtest.Exec(t, standby, "SELECT pg_wal_replay_resume()")
	r.mustSucceed()
	everyOne(t, url)
	tiles(t, url)
	again(t, url)
}

// again undoes the run.
func again(t testing.TB, url string) {
	t.Helper()
	pgtest.Exec(t, url, "DROP SCHEMA rung CASCADE; UPDATE t SET n = 0")
}

// countAfterProbes counts the batches when the replicas' lag has been asked
// for so many times more.
func countAfterProbes(t testing.TB, url string, probes int) int {
	t.Helper()
	seen := map[string]bool{}
	eventually(t, "the lag is asked for", func() bool {
		for _, at := range pgtest.QueryStrings(t, url, "SELECT query_start FROM pg_stat_activity WHERE application_name = 'rung' AND query LIKE '%pg_stat_replication%' AND pid <> pg_backend_pid()") {
			seen[at] = true
		}
		return len(seen) > probes
	})
	return committed(t, url)
}
