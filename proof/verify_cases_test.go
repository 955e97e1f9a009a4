package proof

import (
	"os"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner"
)

// caseVerdicts are what verify says of the cases of testdata/verify-cases.txt,
// whose "want" says the same in the words of who measured them.
var caseVerdicts = map[string]string{
	"v01": "down loses\ndown loses: default of public.t.s",
	"v02": "down loses\ndown loses: index public.t_s\nnotice: so the second up fails: sql/000002_case.up.sql:1:1: index \"t_s\" does not exist (42704)",
	"v03": "data differs\ndata differs: public.t, 2 of 2 rows (a 1: b was 10, is null)\ncolumn order: public.t: b from 2 to 3",
	"v04": "down leaves behind\ndown leaves behind: value 'paid' of public.st\nup is not repeatable: sql/000002_case.up.sql:1:1: enum label \"paid\" already exists (42710)",
	"v05": "down loses\ndown loses: table public.audit with 1 row",
	"v06": "down leaves behind\ndown leaves behind: type public.k\nup is not repeatable: sql/000002_case.up.sql:1:1: type \"k\" already exists (42710)",
	"v07": "data differs\ndata differs: public.t, 1 of 2 rows (id 1: note was \"keep me\", is null)",
	"v08": "ok",
	"v09": "data differs\ndata differs: public.t, 1 of 2 rows (id 1: s was null, is \"\")",
	"v10": "down loses\ndown loses: comment of public.t",
	"v11": "down loses\ndown loses: grant SELECT on public.v to vc_reader",
	"v12": "down leaves behind\ndown leaves behind: body of public.f()",
}

func TestVerifyCases(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/verify-cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := pgtest.Server(t)
	pgtest.Exec(t, s.URL(""), "CREATE ROLE vc_reader")
	seen := 0
	for _, block := range strings.Split(string(text), "## ")[1:] {
		lines := strings.Split(block, "\n")
		id, title, _ := strings.Cut(lines[0], " ")
		part := map[string]string{}
		for _, line := range lines[1:] {
			name, value, _ := strings.Cut(line, ": ")
			part[name] = value
		}
		seen++
		t.Run(id+" "+title, func(t *testing.T) {
			from := runner.Version("2")
			r := mustVerify(t, VerifyConfig{
				From: &from, Scratch: scratchOn(t, s.URL("")),
				Dir: directory(t, "000001_setup.up.sql", part["setup"], "000002_case.up.sql", part["up"], "000002_case.down.sql", part["down"]),
			})
			wantSaid(t, r, caseVerdicts[id])
			if failed := r.Failed(false) == 1; failed != strings.HasPrefix(part["want"], "FAIL") {
				t.Errorf("failed: %v; want %s", failed, part["want"])
			}
		})
	}
	if seen != len(caseVerdicts) {
		t.Errorf("%d cases", seen)
	}
}
