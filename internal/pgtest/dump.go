package pgtest

import (
	"fmt"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rung/internal/sandbox"
)

// servers are those that this process has started, by port, so that Dump finds
// the pg_dump that fits.
var servers sync.Map

func remember(s *sandbox.Server) { servers.Store(portKey(s.URL("")), s) }

func portKey(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Port()
}

// Dump is the schema and the data of a database of a server of this package,
// as pg_dump tells them, made comparable: without the schemas in exclude (the
// schema rung, if none is given), without the lines that differ from dump to
// dump, and with the rows of each table sorted, since where a row lies in its
// table is nobody's business.
//
// Positions of sequences are part of it; they move on even when the
// transaction is rolled back, and up to 32 ahead in a crash.
//
// pg_dump takes no server that is newer than itself. Where there is only such a
// one, it is a Snapshot.
func Dump(tb testing.TB, address string, exclude ...string) string {
	tb.Helper()
	s, ok := servers.Load(portKey(address))
	if !ok {
		tb.Fatalf("dump: port %s is not that of a server of this package", portKey(address))
	}
	if len(exclude) == 0 {
		exclude = []string{"rung"}
	}
	dump := pgDump(s.(*sandbox.Server))
	if dumpIsOlder(s.(*sandbox.Server)) && len(exclude) == 1 && exclude[0] == "rung" {
		return Snapshot(tb, address)
	}
	args := []string{"--dbname=" + address}
	for _, schema := range exclude {
		args = append(args, "--exclude-schema="+schema)
	}
	cmd := osexec.Command(dump, args...)
	cmd.Env = append(os.Environ(), "PGCONNECT_TIMEOUT=10")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("pg_dump (apt-get install postgresql-client, or brew install postgresql): %v: %s", err, stderr.String())
	}
	return normalizeDump(string(out))
}

// pgDump is the server's own, or else that on PATH: server packages from npm
// come without.
func pgDump(s *sandbox.Server) string {
	own := filepath.Join(s.BinDir, "pg_dump")
	if _, err := os.Stat(own); err != nil {
		return "pg_dump"
	}
	return own
}

// dumpIsOlder reports whether pg_dump takes no such server.
func dumpIsOlder(s *sandbox.Server) bool {
	return major(pgDump(s)) < major(filepath.Join(s.BinDir, "postgres"))
}

// major is the version of one of PostgreSQL's programs, or 0.
func major(program string) (n int) {
	if known, ok := majors.Load(program); ok {
		return known.(int)
	}
	out, _ := osexec.Command(program, "--version").Output()
	if _, version, ok := strings.Cut(string(out), "(PostgreSQL) "); ok {
		_, _ = fmt.Sscanf(version, "%d", &n)
	}
	majors.Store(program, n)
	return n
}

var majors sync.Map

func normalizeDump(dump string) string {
	var kept []string
	copyStart := -1 // where in kept the rows of the current COPY begin
	for _, line := range strings.Split(dump, "\n") {
		switch {
		case copyStart >= 0 && line == `\.`:
			slices.Sort(kept[copyStart:])
			copyStart = -1
		case copyStart >= 0:
		case strings.HasPrefix(line, `\restrict `), strings.HasPrefix(line, `\unrestrict `),
			strings.HasPrefix(line, "-- Dumped "):
			continue
		case strings.HasPrefix(line, "COPY ") && strings.HasSuffix(line, " FROM stdin;"):
			copyStart = len(kept) + 1
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}
