package proof

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgdump"
	"rung/internal/pgtest"
	"rung/internal/sandbox"
)

var mutationLine = regexp.MustCompile(`^(setup|both|none|fingerprint)( from (\d+))?: (.*)$`)

// The fingerprint sees what pg_dump sees, statement by statement. Where the
// server has a pg_dump of its own version, that is asked too, so that the list
// is not believed but checked.
func TestFingerprintMutations(t *testing.T) {
	t.Parallel()
	s := pgtest.Server(t)
	url := pgtest.Database(t, s.URL(""))
	major := pgtest.Major(t, url)
	m := &mutations{T: t, url: url, dumper: ownDump(s)}
	cfg, err := pq.NewConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	if m.reader, err = openReader(t.Context(), &Database{Conn: cfg}, major*10000, []string{"rung"}); err != nil {
		t.Fatal(err)
	}
	defer m.reader.close()
	text, err := os.ReadFile("testdata/mutations.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		parts := mutationLine.FindStringSubmatch(line)
		if parts == nil {
			t.Fatalf("what is %q?", line)
		}
		if from, _ := strconv.Atoi(parts[3]); from > major {
			continue
		}
		if parts[1] == "setup" {
			pgtest.Exec(t, url, parts[4])
			continue
		}
		count++
		m.check(parts[1], parts[4])
	}
	if count < 94 {
		t.Errorf("%d mutations are too few", count)
	}
	if m.dumper == "" && major == 15 {
		t.Log("no pg_dump of this server's version: compared with the list alone")
	}
}

type mutations struct {
	*testing.T
	url    string
	dumper string // "" where there is none of the server's version
	reader *reader
	was    fingerprint
	dumped string
}

// check runs a statement and compares who saw it with who should.
func (m *mutations) check(who, statement string) {
	m.Helper()
	if m.was == nil {
		m.was, m.dumped = m.take()
	}
	pgtest.Exec(m.T, m.url, statement)
	is, dumped := m.take()
	differences := compareFingerprints(m.was, is)
	var named []string
	for _, d := range differences {
		named = append(named, d.what)
	}
	if seen := len(differences) > 0; seen != (who != "none") {
		m.Errorf("the fingerprint saw %q of: %s", named, statement)
	}
	if seen := dumped != m.dumped; m.dumper != "" && seen != (who == "both") {
		m.Errorf("pg_dump saw a difference: %v, of: %s", seen, statement)
	}
	m.was, m.dumped = is, dumped
}

func (m *mutations) take() (fingerprint, string) {
	f, err := m.reader.fingerprint(m.Context(), nil)
	if err != nil {
		m.Fatal(err)
	}
	for key, o := range f { // pg_dump leaves them to pg_dumpall
		if o.kind == "role" || o.kind == "membership" {
			delete(f, key)
		}
	}
	if m.dumper == "" {
		return f, ""
	}
	out, err := exec.Command(m.dumper, "--schema-only", "--dbname="+m.url).CombinedOutput()
	if err != nil {
		m.Fatalf("pg_dump: %v\n%s", err, out)
	}
	return f, pgdump.WithoutKey(string(out))
}

// ownDump is the server's own pg_dump, or "".
func ownDump(s *sandbox.Server) string {
	if path := filepath.Join(s.BinDir, "pg_dump"); isFile(path) {
		return path
	}
	return ""
}
