package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// An error that is too long for the driver is told as one of its statement, and
// not taken for a lost connection, after which a batch would be tried again.
func TestErrorTooLongForTheDriver(t *testing.T) {
	t.Parallel()
	const boom = "DO $$ BEGIN RAISE EXCEPTION 'boom %', repeat('x', 40000); END $$"
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
		CREATE FUNCTION boom() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'boom %', repeat('x', 40000); END $f$`)
	for name, text := range map[string]string{
		"in a transaction": "SELECT 1;\n" + boom,
		"outside of one":   "-- rung:no-transaction\n" + boom,
		"in a batch":       "-- rung:batch key=t.id\nSELECT boom() FROM t WHERE id BETWEEN $1 AND $2",
	} {
		t.Run(name, func(t *testing.T) {
			h := &hearing{}
			_, err := upFails(t, url, pairs{"1_a.up.sql": text}, h.listen)
			var e *StatementError
			if !errors.As(err, &e) || e.Line != 2 || e.Attempts != 1 || !strings.Contains(e.Error(), "more than 30,000 bytes") || e.Standing == "" {
				t.Errorf("%+v", err)
			}
			if len(heard[Settling](h)) > 0 || len(heard[Retrying](h)) > 0 {
				t.Errorf("%+v", h.events)
			}
			up(t, url, pairs{"1_a.up.sql": "SELECT 1"}) // the step is known to have failed, so it may be fixed
			down(t, url, pairs{"1_a.up.sql": "SELECT 1", "1_a.down.sql": ""}, Request{DownFrom: FromFile})
		})
	}
}
