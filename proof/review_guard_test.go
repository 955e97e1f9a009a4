package proof

import (
	"strings"
	"testing"
)

// A look at the size below the lock, as a template's direct way writes it, weighs the
// table by its limit. One that does not hold for the table that is locked does not count.
func TestReviewGuard(t *testing.T) {
	t.Parallel()
	const (
		lock  = "LOCK TABLE users IN ACCESS EXCLUSIVE MODE;\n"
		look  = "DO $check$ BEGIN\n    IF pg_total_relation_size('users') > 10485760 THEN\n        RAISE EXCEPTION 'users''s size';\n    END IF;\nEND $check$;\n"
		scan  = "ALTER TABLE users ALTER COLUMN age SET NOT NULL;"
		parts = "CREATE TABLE parts (id bigint, age int) PARTITION BY RANGE (id);\nCREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (1) TO (100);\n"
		twins = "CREATE SCHEMA twin;\nCREATE TABLE twin.users (id bigint PRIMARY KEY, age int);\n"
	)
	ofParts := strings.NewReplacer("users", "parts")
	for name, c := range map[string]struct {
		setup, text string
		quiet       bool
	}{
		"guarded":                      {"", lock + look + scan, true},
		"guarded by its full name":     {"", lock + strings.Replace(look, "('users')", "('public.users')", 1) + scan, true},
		"twin, by its full name":       {twins, lock + strings.Replace(look, "('users')", "('public.users')", 1) + scan, true},
		"partitions":                   {parts, ofParts.Replace(lock + strings.Replace(look, "pg_total_relation_size('users')", "(SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('users'))", 1) + scan), true},
		"partitions left out":          {parts, ofParts.Replace(lock + look + scan), false},
		"no look":                      {"", lock + scan, false},
		"another table":                {"CREATE TABLE other (id bigint);\n", "LOCK TABLE other IN ACCESS EXCLUSIVE MODE;\n" + lock + strings.Replace(look, "('users')", "('other')", 1) + scan, false},
		"another size":                 {"", lock + strings.Replace(look, "pg_total_relation_size('users')", "pg_column_size('users')", 1) + scan, false},
		"no error":                     {"", lock + strings.Replace(look, "RAISE EXCEPTION", "RAISE NOTICE", 1) + scan, false},
		"caught":                       {"", lock + strings.Replace(look, "END $check$", "EXCEPTION WHEN raise_exception THEN NULL;\nEND $check$", 1) + scan, false},
		"or not":                       {"", lock + strings.Replace(look, "> 10485760", "> 10485760 AND false", 1) + scan, false},
		"no lock before":               {"", look + scan, false},
		"a lock that lets it grow":     {"", "LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;\n" + look + scan, false},
		"rolled back to before":        {"", "SAVEPOINT s;\n" + lock + look + "ROLLBACK TO s;\n" + scan, false},
		"of another transaction":       {"", "BEGIN;\n" + lock + look + "COMMIT;\nBEGIN;\n" + lock + scan + "\nCOMMIT;\n", false},
		"beyond what is a small table": {"", lock + strings.Replace(look, "10485760", "99999999999", 1) + scan, false},
		"one of two names":             {twins, lock + look + scan, false},
		"and of what inherits it":      {"CREATE TABLE child () INHERITS (users);\n", lock + look + scan, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := mustReview(t, ReviewConfig{From: version("2"), Dir: directory(t, "1_setup.up.sql", reviewSetup+";\n"+c.setup, "2_case.up.sql", c.text, "2_case.down.sql", "SELECT 1;")})
			scans, quiet := false, true
			for _, f := range r.Findings {
				scans = scans || f.ID == "scan-not-null"
				quiet = quiet && !(f.record.Weighs && f.Severity.atLeast(Warning))
			}
			if !scans || quiet != c.quiet {
				t.Errorf("%s", found(r.Findings))
			}
		})
	}
}

// A live table that is larger than the limit already weighs what it weighs.
func TestWeighGuarded(t *testing.T) {
	t.Parallel()
	record := FindRecord("scan-check")
	for bytes, want := range map[int64]Severity{10 << 20: Notice, 10<<20 + 1: Danger} {
		f := &ReviewFinding{ID: record.ID, Severity: record.Severity, record: record, weight: []*relation{{OID: 1}}, guards: map[int64]guard{1: {limit: 10 << 20}}}
		if f.weighBy(map[int64]*LiveRelation{1: {Rows: 100_000, Bytes: bytes}}); f.Severity != want {
			t.Errorf("%d bytes: %s, want %s", bytes, f.Severity, want)
		}
	}
}
