package pgtest

import (
	_ "embed"
	"net/url"
	"strings"
	"testing"

	"github.com/lib/pq"
)

//go:embed citus.sql
var recordedCitus string

// RecordedCitus makes a database answer as a Citus coordinator does, by what was
// recorded of one (citus.sql): Citus itself cannot be installed by the tests.
func RecordedCitus(tb testing.TB, address string) {
	tb.Helper()
	Exec(tb, address, recordedCitus)
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	Exec(tb, address, "ALTER DATABASE "+pq.QuoteIdentifier(strings.TrimPrefix(u.Path, "/"))+" SET citus.propagate_set_commands = 'none'")
}
