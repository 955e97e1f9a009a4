package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// Each testdata/errors/NN_name.sql fails on the server, and what the user is
// told is NN_name.golden. A file may say `-- before:` at its head: SQL that has
// been applied as version 1.
func TestStatementErrors(t *testing.T) {
	paths, err := filepath.Glob("testdata/errors/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".sql")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			must(t, err)
			before := ""
			for _, line := range strings.Split(string(text), "\n") {
				if sql, ok := strings.CutPrefix(line, "-- before: "); ok {
					before += sql + "\n"
				}
			}
			url := pgtest.URL(t)
			f := pairs{"1_before.up.sql": before, "2_case.up.sql": string(text)}
			schema := func() string {
				return pgtest.Snapshot(t, url) + strings.Join(pgtest.QueryStrings(t, url, "SELECT version, state FROM rung.migrations"), "\n")
			}
			up(t, url, pairs{"1_before.up.sql": before})
			was := schema()
			_, err = upFails(t, url, f)
			golden(t, strings.TrimSuffix(path, ".sql")+".golden", told(err))
			if load(t, f).Migrations[1].Up.Mode() == Transactional && schema() != was {
				t.Errorf("something is left: %s", schema())
			}
			if n := pgtest.QueryString(t, url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung' AND xact_start IS NOT NULL"); n != "0" {
				t.Errorf("%s transactions are still open", n)
			}
		})
	}
}

// told is all that an error says.
func told(err error) string {
	var e *StatementError
	if !errors.As(err, &e) {
		return fmt.Sprintf("%T: %v\n", err, err)
	}
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-9s %s\n", label, text)
		}
	}
	line("error", e.Error())
	line("source", e.Source)
	if e.Caret > 0 {
		line("caret", strings.Map(func(r rune) rune {
			if r == '\t' {
				return r
			}
			return ' '
		}, string([]rune(e.Source + " ")[:e.Caret-1]))+"^")
	}
	line("hint", e.Hint)
	line("standing", e.Standing)
	return b.String()
}
