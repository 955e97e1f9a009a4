package runner

import (
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"rung/internal/pgtest"
)

// sameDatabases compares two databases: by snapshot, and by pg_dump where
// there is one for this server.
func sameDatabases(t testing.TB, got, want string) {
	t.Helper()
	if g, w := pgtest.Snapshot(t, got), pgtest.Snapshot(t, want); g != w {
		t.Errorf("not the same\n%s", differing(g, w))
	}
	if !dumpable(t, want) {
		t.Logf("not compared by pg_dump: version %d takes no server of version %d", pgDumpVersion(), pgtest.Major(t, want))
		return
	}
	if g, w := pgtest.Dump(t, got), pgtest.Dump(t, want); g != w {
		t.Errorf("pg_dump tells them apart\n%s", differing(g, w))
	}
}

// differing are the first lines that only one of two texts has.
func differing(got, want string) string {
	count := map[string]int{}
	for _, line := range strings.Split(want, "\n") {
		count[line]++
	}
	var b strings.Builder
	shown := 0
	show := func(sign, line string) {
		if shown++; shown <= 40 {
			fmt.Fprintf(&b, "%s %.300s\n", sign, line)
		}
	}
	for _, line := range strings.Split(got, "\n") {
		if count[line]--; count[line] < 0 {
			show("got ", line)
		}
	}
	for _, line := range strings.Split(want, "\n") {
		if count[line] > 0 {
			count[line]--
			show("want", line)
		}
	}
	if shown == 0 {
		return "the same lines in another order"
	}
	return b.String()
}

// dumpable reports whether there is a pg_dump for the server: it takes none that
// is newer than itself.
func dumpable(t testing.TB, url string) bool {
	t.Helper()
	n := pgDumpVersion()
	if n == 0 {
		t.Fatal("no pg_dump: install postgresql-client")
	}
	return n >= pgtest.Major(t, url)
}

var (
	pgDumpVersion = sync.OnceValue(func() int { return programVersion("pg_dump") })
	psqlVersion   = sync.OnceValue(func() int { return programVersion("psql") })
)

// programVersion is the major version of one of PostgreSQL's programs, or 0.
func programVersion(name string) (major int) {
	out, _ := exec.Command(name, "--version").Output()
	_, _ = fmt.Sscanf(string(out), name+" (PostgreSQL) %d", &major)
	return major
}
