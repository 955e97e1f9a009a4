package runner

import (
	"testing"

	"rung/internal/pgtest"
)

// rung's own DO blocks are quoted by $rung$. No name and no text of a file ends one.
func TestOwnDollarQuotesEverywhere(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE SCHEMA "$rung$"; CREATE TABLE "$rung$"."$rung$" ("$rung$" int PRIMARY KEY, n int NOT NULL DEFAULT 0);
		INSERT INTO "$rung$"."$rung$" SELECT generate_series(1, 30)`)
	f := pairs{
		"1_$rung$.up.sql": "-- rung:background\nSELECT $rung$a$rung$, $rung_$b$rung_$;\nCOMMIT;\n" +
			"-- rung:batch key=\"$rung$\".\"$rung$\".\"$rung$\" rows=10\n" +
			"UPDATE \"$rung$\".\"$rung$\" SET n = n + length($rung$a$rung$) WHERE \"$rung$\" BETWEEN $1 AND $2;\n",
		"1_$rung$.down.sql":  "UPDATE \"$rung$\".\"$rung$\" SET n = 1 - length($rung$a$rung$);\n",
		"2_$rung_$.up.sql":   "-- rung:requires 1\nSELECT $rung$a$rung$;\n",
		"2_$rung_$.down.sql": "-- rung:no-transaction\nSELECT $rung$a$rung$;\n",
	}
	for name, c := range map[string]func(*Config){
		"the history's schema": func(c *Config) { c.HistorySchema = "$rung$" },
		"the scope":            func(c *Config) { c.HistorySchema, c.Scope = "other", "$rung$" },
		"both":                 func(c *Config) { c.HistorySchema, c.Scope = "$rung$", "$rung$" },
	} {
		up(t, url, f, c)
		rep := work(t, url, f, c)
		up(t, url, f, c)
		if len(rep.Done) != 1 || pgtest.QueryString(t, url, `SELECT sum(n) FROM "$rung$"."$rung$"`) != "30" {
			t.Errorf("%s: %+v", name, rep)
		}
		r := testRunner(t, url, load(t, f), c)
		if _, err := r.Down(testContext(t), Request{To: version("0")}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := load(t, f)
	c := func(c *Config) { c.HistorySchema = "$rung$" }
	runByHand(t, url, byHandScript(t, url, d, Up, UpRequest{}, c))
	is(t, url, `SELECT sum(n) FROM "$rung$"."$rung$"`, "30")
	runByHand(t, url, byHandScript(t, url, d, Down, UpRequest{Request: Request{To: version("0")}}, c))
	is(t, url, `SELECT count(*) FROM "$rung$".migrations`, "0")
}
