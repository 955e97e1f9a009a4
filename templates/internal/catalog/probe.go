package catalog

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"rung/templates/internal/mistake"
)

// Retold has the server write a definition for other names: on rung_probe, an
// empty table with the same columns as a table's, which takes on those names.
// It wants a transaction, and leaves nothing behind.
func Retold(ctx context.Context, db *Catalog, table, define, rename, read string) (text string, err error) {
	err = db.ExecTrusted(ctx, "SAVEPOINT rung_probe; CREATE TEMP TABLE rung_probe (LIKE "+table+");\n"+define+";\n"+rename)
	if err != nil {
		return "", err
	}
	if err := db.QueryRow(ctx, read).Scan(&text); err != nil {
		return "", err
	}
	return text, db.ExecTrusted(ctx, "ROLLBACK TO SAVEPOINT rung_probe; RELEASE SAVEPOINT rung_probe")
}

// ProbeIndex makes an index on the probe from what follows USING.
func ProbeIndex(tail string) string {
	return "CREATE INDEX rung_probe_index ON pg_temp.rung_probe USING " + tail
}

// ProbeCheck adds a constraint to the probe.
func ProbeCheck(def string) string {
	return "ALTER TABLE pg_temp.rung_probe ADD CONSTRAINT rung_probe_check " + def
}

// NoneStuck runs a file's look at the rows, and refuses where that would stop the file.
func (c *Catalog) NoneStuck(ctx context.Context, look, fix string) error {
	if look == "" {
		return nil
	}
	err := c.ExecTrusted(ctx, look)
	if e := pq.As(err); e != nil && e.Code == "P0001" {
		return mistake.New(e.Message, fix)
	}
	if err != nil {
		return fmt.Errorf("look at the rows: %w", err)
	}
	return nil
}

// ProbeFiles are the files of the table rung_probe and of its indexes: others once they were
// rewritten.
func (c *Catalog) ProbeFiles(ctx context.Context) (table int64, indexes string, err error) {
	err = c.QueryRow(ctx, SQL("probe_files")).Scan(&table, &indexes)
	return table, indexes, err
}
