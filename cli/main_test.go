package cli

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
	_ "github.com/lib/pq"

	"rung/internal/pgtest"
)

// TestMain is also rung and sql: the scripts call this binary by those names.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "rung":
		os.Exit(Run(os.Args, os.Stdin, os.Stdout, os.Stderr))
	case "sql":
		if err := runSQL(strings.Join(os.Args[1:], " ")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	pgtest.Main(m)
}

// runSQL prints the rows of all results as psql -At does.
func runSQL(text string) error {
	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.Query(text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for more := true; more; more = rows.NextResultSet() {
		columns, _ := rows.Columns()
		row, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range row {
			targets[i] = &row[i]
		}
		for rows.Next() {
			if err := rows.Scan(targets...); err != nil {
				return err
			}
			var texts []string
			for _, v := range row {
				texts = append(texts, v.String)
			}
			fmt.Println(strings.Join(texts, "|"))
		}
	}
	return rows.Err()
}

func diff(was, is string) string { return udiff.Unified("expected", "got", was, is) }
