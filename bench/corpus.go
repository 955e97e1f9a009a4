package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
)

// A corpus is a set of migrations that can lay itself out for a tool and look
// whether a database shows its effects: a tool that exits 0 has not thereby
// done the work.
type corpus interface {
	write(dir string, lay layout) error
	check(ctx context.Context, db *sql.DB) error
}

// tables is a corpus of n small files: a table and an index each, the common
// case of a real directory. The number of statements matters, since most tools
// spend a round trip on each.
type tables int

func (n tables) write(dir string, lay layout) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for version := 1; version <= int(n); version++ {
		if err := writeMigration(dir, lay, tableMigration(version)); err != nil {
			return err
		}
	}
	return nil
}

func tableMigration(version int) migration {
	table := fmt.Sprintf("bench_%06d", version)
	return migration{
		version: version,
		up: fmt.Sprintf(`CREATE TABLE %[1]s (
    id         bigint PRIMARY KEY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX %[1]s_name_idx ON %[1]s (name);
`, table),
		down: fmt.Sprintf("DROP TABLE %s;\n", table),
	}
}

func (n tables) check(ctx context.Context, db *sql.DB) error {
	var tables, indexes int
	err := db.QueryRowContext(ctx, `
		SELECT count(DISTINCT tablename), count(*) FILTER (WHERE indexname = tablename || '_name_idx')
		  FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'bench\_%'`).
		Scan(&tables, &indexes)
	if err != nil {
		return err
	}
	if tables != int(n) || indexes != int(n) {
		return fmt.Errorf("it exited 0, but made %d tables and %d indexes of %d", tables, indexes, int(n))
	}
	return nil
}
