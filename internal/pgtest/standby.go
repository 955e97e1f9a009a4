package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rung/internal/sandbox"
	"rung/internal/sandbox/ward"
)

// Standby makes a streaming replica of a server, and returns its address when
// it streams. It ends with the test.
func Standby(tb testing.TB, of *sandbox.Server) (url string) {
	tb.Helper()
	w, err := ward.New("", "rung-replica-", "data/postmaster.pid")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := w.Close(); err != nil {
			tb.Errorf("stop the replica: %v", err)
		}
	})
	out, err := w.Helper(context.Background(), filepath.Join(of.BinDir, "pg_basebackup"),
		"--dbname="+of.URL(""), "--pgdata=data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
	if err != nil {
		tb.Fatalf("pg_basebackup: %v: %s", err, out)
	}
	port := freePort(tb)
	log, err := os.Create(filepath.Join(tb.TempDir(), "log"))
	if err != nil {
		tb.Fatal(err)
	}
	defer log.Close()
	cmd := w.Command(context.Background(), filepath.Join(of.BinDir, "postgres"), "-D", "data", "-p", fmt.Sprint(port))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() { _ = cmd.Wait() }()
	for deadline := time.Now().Add(time.Minute); QueryString(tb, of.URL(""), "SELECT count(*)::text FROM pg_stat_replication WHERE state = 'streaming'") != "1"; {
		if time.Now().After(deadline) {
			tb.Fatal("the replica does not stream")
		}
		time.Sleep(50 * time.Millisecond)
	}
	return strings.Replace(of.URL(""), fmt.Sprintf(":%d/", of.Port), fmt.Sprintf(":%d/", port), 1)
}

// AwaitReplay waits until a standby shows all that its primary has done so far.
func AwaitReplay(tb testing.TB, primary, standby string) {
	tb.Helper()
	at := QueryString(tb, primary, "SELECT pg_current_wal_lsn()::text")
	for deadline := time.Now().Add(time.Minute); QueryString(tb, standby, "SELECT pg_last_wal_replay_lsn() >= '"+at+"'::pg_lsn") != "true"; {
		if time.Now().After(deadline) {
			tb.Fatal("the standby does not catch up")
		}
		time.Sleep(20 * time.Millisecond)
	}
}
