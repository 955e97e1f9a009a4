package pgtest

import (
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
	"testing"
)

//go:embed snapshot.sql
var snapshotSQL string

// Snapshot is what a database holds, but for rung's own schema: every object as
// the server describes it, the positions of sequences, and all rows. Unlike
// pg_dump it is fast, and there for every server.
func Snapshot(tb testing.TB, address string) string {
	tb.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	return snapshot(tb, db)
}

// Snapshots is Snapshot over a connection of its own that is kept until the end
// of the test: what the server has read of the catalog it knows the next time.
func Snapshots(tb testing.TB, address string) func() string {
	tb.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = db.Close() })
	return func() string { return snapshot(tb, db) }
}

func snapshot(tb testing.TB, db *sql.DB) string {
	tb.Helper()
	lines := func(query string) (all []string) {
		rows, err := db.Query(query)
		if err != nil {
			tb.Fatalf("%v\nin: %s", err, query)
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				tb.Fatal(err)
			}
			all = append(all, line)
		}
		if err := rows.Err(); err != nil {
			tb.Fatal(err)
		}
		return all
	}
	all := lines(snapshotSQL)
	tables := lines(`SELECT c.oid::regclass::text FROM pg_class AS c WHERE relkind IN ('r', 'm') AND relpersistence <> 't' AND (relkind = 'r' OR relispopulated)
	                 AND relnamespace::regnamespace::text !~ '^(pg_|information_schema$|rung$)' ORDER BY c.oid::regclass::text COLLATE "C"`)
	for _, table := range tables {
		for _, row := range lines(fmt.Sprintf(`SELECT the_row::text FROM %s AS the_row ORDER BY the_row::text COLLATE "C"`, table)) {
			all = append(all, "row "+table+" "+row)
		}
	}
	return strings.Join(all, "\n")
}
