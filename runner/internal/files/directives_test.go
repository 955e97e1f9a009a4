package files

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDirectives(t *testing.T) {
	told := func(s *Script) string {
		d := func(d *time.Duration) string {
			if d == nil {
				return "-"
			}
			return d.String()
		}
		return fmt.Sprintf("%s %t %s %s %q", s.Mode(), s.NoTransaction, d(s.LockTimeout), d(s.StatementTimeout), s.Irreversible)
	}
	for name, c := range map[string]struct{ sql, want string }{
		"none":                       {"SELECT 1;", `transactional false - - ""`},
		"allow, inside a statement":  {"SELECT 1,\n-- rung:allow R1 because\n2;\n", `transactional false - - ""`},
		"no-transaction":             {"-- rung:no-transaction\nSELECT 1;\nSELECT 2;", `stepwise true - - ""`},
		"no-transaction of one step": {"-- rung:no-transaction\nSELECT 1;", `transactional true - - ""`},
		"below a comment":            {"-- why\n\n/* and\nwherefore */\n  -- rung:no-transaction\nSELECT 1;SELECT 2;", `stepwise true - - ""`},
		"timeouts":                   {"-- rung:lock-timeout 2s\n-- rung:statement-timeout 10min\nSELECT 1;", `transactional false 2s 10m0s ""`},
		"timeouts switched off":      {"-- rung:lock-timeout 0\n-- rung:statement-timeout off\nSELECT 1;", `transactional false 0s 0s ""`},
		"in a file without SQL":      {"-- rung:lock-timeout 250ms\n", `transactional false 250ms - ""`},
		"allow, anywhere and often":  {"-- rung:allow R1 because\nSELECT 1;\n-- rung:allow R1 because\n-- rung:allow R2 of that\nSELECT 2;", `transactional false - - ""`},
		"not one":                    {"-- a rung: of the ladder\nSELECT '-- rung:bogus', $$\n-- rung:bogus\n$$;", `transactional false - - ""`},
		"CRLF":                       {"-- rung:lock-timeout 2s\r\nSELECT 1;\r\n", `transactional false 2s - ""`},
	} {
		if got := told(load(t, pairs{"1_a.up.sql": c.sql}).Migrations[0].Up); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	down := load(t, pairs{"1_a.down.sql": "-- rung:irreversible the mail is out\n"}).Migrations[0].Down
	if down.Irreversible != "the mail is out" {
		t.Errorf("%q", down.Irreversible)
	}
}

func TestDirectivesRefuse(t *testing.T) {
	const help = "; see `rung help directives`"
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"unknown":            {"-- rung:transaction\n", []string{"1:1: unknown directive `-- rung:transaction`; known are " + knownDirectives()}},
		"below the head":     {"SELECT 1;\n-- rung:no-transaction\nSELECT 2;", []string{"2:1: rung:no-transaction stands below the first statement; move it to the head of the file"}},
		"at the end":         {"SELECT 1;\n-- rung:lock-timeout 1s\n", []string{"2:1: rung:lock-timeout stands below the first statement; move it to the head of the file"}},
		"inside a statement": {"SELECT 1,\n-- rung:end\n2;\n", []string{"2:1: rung:end stands inside a statement; move it above the statement"}},
		"head inside":        {"SELECT 1,\n-- rung:no-transaction\n2;\n", []string{"2:1: rung:no-transaction stands below the first statement; move it to the head of the file"}},
		"twice":              {"-- rung:lock-timeout 1s\n-- rung:lock-timeout 2s\nSELECT 1;", []string{"2:1: rung:lock-timeout is given twice; keep one"}},
		"arguments too many": {"-- rung:no-transaction please\n", []string{"1:1: rung:no-transaction takes no arguments" + help}},
		"no time":            {"-- rung:lock-timeout\n", []string{`1:1: rung:lock-timeout "" is not a duration: write it like 500ms, 2s, 10min or 1h` + help}},
		"a negative time":    {"-- rung:lock-timeout -1s\n", []string{`1:1: rung:lock-timeout "-1s" is not a duration: write it like 500ms, 2s, 10min or 1h` + help}},
		"a bare number":      {"-- rung:lock-timeout 5000\n", []string{`1:1: rung:lock-timeout "5000" is not a duration: write it like 500ms, 2s, 10min or 1h` + help}},
		"no reason":          {"-- rung:irreversible\n", []string{"1:1: rung:irreversible needs a reason" + help}},
		"irreversible up":    {"-- rung:irreversible because\n", []string{"1:1: rung:irreversible belongs at the head of a down file" + help}},
		"allow what":         {"-- rung:allow R1\nSELECT 1;", []string{"1:1: rung:allow needs the finding's ID and a reason" + help}},
		"upper case":         {"-- RUNG:no-transaction\n", []string{"1:1: `-- RUNG:no-transaction` is not a directive; did you mean `-- rung:no-transaction`?"}},
		"a blank too many":   {"--  rung: no-transaction\n", []string{"1:1: `--  rung: no-transaction` is not a directive; did you mean `-- rung:no-transaction`?"}},
		"in a block comment": {"/* rung:no-transaction */\n", []string{"1:1: a directive in a block comment; write it as a line of its own: `-- rung:no-transaction`"}},
		"all at once": {"-- rung:bogus\n-- rung:no-transaction x\nSELECT 1; -- rung:allow R1 because\n", []string{
			"1:1: unknown directive `-- rung:bogus`; known are " + knownDirectives(),
			"2:1: rung:no-transaction takes no arguments" + help,
			"3:11: a directive behind something else on its line; give it a line of its own",
		}},
	} {
		d, err := Load(pairs{"1_a.up.sql": c.sql}.fs(), "")
		must(t, err)
		err = d.Bad()
		var bad *BadFilesError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := strings.Split(strings.ReplaceAll(bad.Error(), "1_a.up.sql:", ""), "\n")
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"0": 0, "off": 0, "0s": 0, "1ms": time.Millisecond, "500ms": 500 * time.Millisecond, "2s": 2 * time.Second, "10min": 10 * time.Minute,
		"1h": time.Hour, "1d": 24 * time.Hour, "0.5d": 12 * time.Hour, "1m30s": 90 * time.Second, "1h30min": 90 * time.Minute, "1.5s": 1500 * time.Millisecond,
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "5", "5000", "-1s", "-1d", "s", "d", "1 s", "2 min", "1w", "on", "25d", "600h", "NaNd", "Infd", "1e300d", "99999999999h"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("%q: %s", in, got)
		}
	}
	for d, want := range map[time.Duration]string{0: "0ms", time.Nanosecond: "1ms", time.Millisecond: "1ms", 1500 * time.Microsecond: "2ms", time.Hour: "3600000ms"} {
		if got := Millis(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}
