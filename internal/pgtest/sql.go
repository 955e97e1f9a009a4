package pgtest

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq"
)

// sqlTimeout ends a helper's statement that waits for a lock that never comes.
const sqlTimeout = 60 * time.Second

// Exec runs SQL, one statement or several, over a connection of its own.
func Exec(tb testing.TB, url, statements string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), sqlTimeout)
	defer cancel()
	if err := exec(ctx, url, statements); err != nil {
		tb.Fatalf("%v\nin: %s", err, statements)
	}
}

func exec(ctx context.Context, url, statements string) error {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statements)
	return err
}

// QueryStrings returns the rows of a query, each as psql -At prints it: the
// columns joined by "|", a NULL as nothing.
func QueryStrings(tb testing.TB, url, query string) []string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), sqlTimeout)
	defer cancel()
	rows, err := queryStrings(ctx, url, query)
	if err != nil {
		tb.Fatalf("%v\nin: %s", err, query)
	}
	return rows
}

// QueryString is QueryStrings for a query that must return one row.
func QueryString(tb testing.TB, url, query string) string {
	tb.Helper()
	rows := QueryStrings(tb, url, query)
	if len(rows) != 1 {
		tb.Fatalf("%d rows instead of one: %q\nin: %s", len(rows), rows, query)
	}
	return rows[0]
}

// Major is the server's major version, for what not every one of them can do.
func Major(tb testing.TB, url string) int {
	tb.Helper()
	n, err := strconv.Atoi(QueryString(tb, url, "SELECT current_setting('server_version_num')::int / 10000"))
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func queryStrings(ctx context.Context, url, query string) ([]string, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]sql.NullString, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var result []string
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = v.String
		}
		result = append(result, strings.Join(texts, "|"))
	}
	return result, rows.Err()
}
