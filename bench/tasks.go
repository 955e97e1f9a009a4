package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tasks is the table of the trial of enum changes: 2 M rows are 184 MB, and
// 65 MB of indexes. One index is partial, because the value in its condition
// is one of the things that a change must carry along. An update writes the
// status as it is, like programs that write all columns of an object: so
// triggers on it fire, and the bench still knows how many rows have which.
var tasks = bigTable{
	name: "tasks",
	make: `
CREATE TYPE task_status AS ENUM ('todo', 'in_progress', 'blocked', 'done', 'cancelled');
CREATE TABLE tasks (
    id bigint NOT NULL,
    status task_status NOT NULL DEFAULT 'todo',
    points integer NOT NULL,
    title text NOT NULL
);
INSERT INTO tasks
SELECT n, (enum_range(NULL::task_status))[1 + n %% 5], n %% 13, 'Look into ' || md5(n::text)
  FROM generate_series(1::bigint, %[1]d) AS n;
ALTER TABLE tasks ADD PRIMARY KEY (id);
CREATE INDEX tasks_status ON tasks (status);
CREATE INDEX tasks_todo ON tasks (id) WHERE status = 'todo'`,
	shape: "`tasks (id bigint PRIMARY KEY, status task_status NOT NULL DEFAULT 'todo', points integer, title text)`, vacuumed, " +
		"with indexes on `(status)` and on `(id) WHERE status = 'todo'`; a fifth of the rows each are " + strings.Join(values, ", "),
	read:  "SELECT status, title FROM tasks WHERE id = :id;",
	write: "UPDATE tasks SET status = status, points = points + 1 WHERE id = :id;",
}

// values are those of task_status, in order.
var values = []string{"todo", "in_progress", "blocked", "done", "cancelled"}

// A census is how many rows have which value.
type census map[string]int64

// firstCensus is that of fresh tasks.
func firstCensus(rows int64) census {
	c := census{}
	for i, value := range values {
		c[value] = rows / int64(len(values))
		if first := int64(i); first > 0 && first <= rows%int64(len(values)) {
			c[value]++ // row n has value n % 5
		}
	}
	return c
}

// after is the census once values have become others.
func (c census) after(becomes map[string]string) census {
	moved := census{}
	for value, rows := range c {
		if to, ok := becomes[value]; ok {
			value = to
		}
		moved[value] += rows
	}
	return moved
}

// changed fails unless the type has the values wanted and the rows have theirs,
// by way of valid indexes as before: a way that ends well has not thereby done
// the work.
func (s *server) changed(ctx context.Context, name string, wanted []string, rows census) error {
	return s.in(name, func(db *sql.DB) error {
		var got string
		if err := db.QueryRowContext(ctx, "SELECT array_to_string(enum_range(NULL::task_status), ', ')").Scan(&got); err != nil {
			return err
		}
		if got != strings.Join(wanted, ", ") {
			return fmt.Errorf("it exited 0, but the values are %s", got)
		}
		var indexes int
		err := db.QueryRowContext(ctx, "SELECT count(*) FROM pg_index WHERE indrelid = 'tasks'::regclass AND indisvalid").Scan(&indexes)
		if err == nil && indexes != 3 {
			err = fmt.Errorf("it exited 0, but left %d valid indexes of 3", indexes)
		}
		if err != nil {
			return err
		}
		found, err := countLabels(ctx, db)
		if err == nil && !maps.Equal(found, rows) {
			err = fmt.Errorf("it exited 0, but the rows are %s", found)
		}
		return err
	})
}

func countLabels(ctx context.Context, db *sql.DB) (census, error) {
	rows, err := db.QueryContext(ctx, "SELECT status, count(*) FROM tasks GROUP BY status")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := census{}
	for rows.Next() {
		var value string
		var n int64
		if err := rows.Scan(&value, &n); err != nil {
			return nil, err
		}
		found[value] = n
	}
	return found, rows.Err()
}

func (c census) String() string {
	var all []string
	for _, value := range slices.Sorted(maps.Keys(c)) {
		all = append(all, fmt.Sprintf("%s %d", value, c[value]))
	}
	return strings.Join(all, ", ")
}
