package runner

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// A secret file's text is nowhere in the history tables, and its constants are in
// no error, notice or plan; its down migration needs its file.
func TestSecretFiles(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_a.up.sql":   "-- rung:secret\nCREATE TABLE a (token text UNIQUE);\nINSERT INTO a VALUES ('tok-4711');\nDO $$BEGIN RAISE WARNING 'made tok-4711'; END$$;\n",
		"1_a.down.sql": "-- rung:secret\nDELETE FROM a WHERE token = 'tok-4711';\nDROP TABLE a;\n",
	}
	h := &hearing{}
	up(t, url, f, h.listen)
	for _, n := range heard[Notice](h) {
		if strings.Contains(n.Message, "4711") {
			t.Errorf("%+v", n)
		}
	}
	for name, last := range map[string]string{
		"a violation": "INSERT INTO a VALUES ('tok-4711');\n", "a cast": "SELECT 'tok-4711'::int;\n", "a raise": "DO $$BEGIN RAISE 'no tok-4711'; END$$;\n",
		"step by step": "COMMIT;\nSELECT 'tok-4711'::int;\n", "copy": "COPY a FROM stdin;\ntok-4711\n\\.\n",
	} {
		g := f.with(pairs{"2_b.up.sql": "-- rung:secret\nSELECT 1;\n" + last, "2_b.down.sql": ""})
		_, err := upFails(t, url, g)
		e := failing(t, err)
		if all := fmt.Sprintf("%v %s %+v", err, e.Source, errors.Unwrap(e)); strings.Contains(all, "4711") {
			t.Errorf("%s: %s", name, all)
		}
		if name == "step by step" {
			down(t, url, g, Request{})
		}
	}
	if n := pgtest.QueryString(t, url, `SELECT count(*) FROM (SELECT m::text AS row FROM rung.migrations AS m UNION ALL SELECT l::text FROM rung.log AS l) AS all_rows WHERE row LIKE '%4711%'`); n != "0" {
		t.Errorf("%s rows of the history tables have it", n)
	}
	for _, s := range load(t, f).Migrations[0].Up.Outline() {
		if strings.Contains(s.Statement, "4711") {
			t.Errorf("the plan shows %s", s.Statement)
		}
	}
	var refusal *RefusalError
	if _, err := testRunner(t, url, load(t, pairs{})).Down(testContext(t), Request{}); !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, "rung:secret") {
		t.Errorf("%v", err)
	}
	down(t, url, f, Request{})
}

// repair records a down file that was written after its version was applied.
func TestRepairRecordsALaterDownFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n"}
	up(t, url, f)
	rep, err := testRunner(t, url, load(t, f.with(pairs{"1_a.down.sql": "DROP TABLE a;\n"}))).Repair(testContext(t), nil)
	if err != nil || len(rep.Accepted) != 1 || rep.Accepted[0].What[0] != string(AddedDown) {
		t.Errorf("%+v, %v", rep.Accepted, err)
	}
	down(t, url, f, Request{})
}
