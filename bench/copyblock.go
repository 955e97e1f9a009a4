package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// copyBlock is a corpus of one file: a table, and a COPY … FROM STDIN with so
// many bytes of data down to its \. line, as pg_dump writes it.
type copyBlock struct {
	bytes int64
	rows  int64 // written, hence to be found
}

const copyHead = `CREATE TABLE bench_events (
    id      bigint NOT NULL,
    kind    text NOT NULL,
    payload text NOT NULL
);

COPY bench_events (id, kind, payload) FROM STDIN;
`

const copyDown = "DROP TABLE bench_events;\n"

// payload makes a line of about 128 bytes, a usual width of a row.
const payload = "a migration that carries its data along with it should not need more memory than one row of that data"

// write streams the data to disk. It asks the layout for the names alone: the
// block never is in memory.
func (c *copyBlock) write(dir string, lay layout) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := writeMigration(dir, lay, migration{version: 1, down: copyDown}); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(dir, migrationName(1)+".up.sql"))
	if err != nil {
		return err
	}
	return errors.Join(c.stream(file), file.Close())
}

func (c *copyBlock) stream(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	if _, err := out.WriteString(copyHead); err != nil {
		return err
	}
	c.rows = 0
	var line []byte
	for written := int64(0); written < c.bytes; written += int64(len(line)) {
		c.rows++
		line = fmt.Appendf(line[:0], "%d\tclick\t%s\n", c.rows, payload)
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	if _, err := out.WriteString("\\.\n"); err != nil {
		return err
	}
	return out.Flush()
}

func (c *copyBlock) check(ctx context.Context, db *sql.DB) error {
	var rows, last int64
	err := db.QueryRowContext(ctx, "SELECT count(*), coalesce(max(id), 0) FROM bench_events").Scan(&rows, &last)
	if err != nil {
		return err
	}
	if rows != c.rows || last != c.rows {
		return fmt.Errorf("it exited 0, but %d rows of %d are there", rows, c.rows)
	}
	return nil
}
