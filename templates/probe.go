package templates

import "context"

// retold has the server write a definition for other names: on rung_probe, an
// empty table with the same columns as a table's, which takes on those names.
// It wants a transaction, and leaves nothing behind.
func retold(ctx context.Context, db *Catalog, table, define, rename, read string) (text string, err error) {
	err = db.execTrusted(ctx, "SAVEPOINT rung_probe; CREATE TEMP TABLE rung_probe (LIKE "+table+");\n"+define+";\n"+rename)
	if err != nil {
		return "", err
	}
	if err := db.queryRow(ctx, read).Scan(&text); err != nil {
		return "", err
	}
	return text, db.execTrusted(ctx, "ROLLBACK TO SAVEPOINT rung_probe; RELEASE SAVEPOINT rung_probe")
}

// probeIndex makes an index on the probe from what follows USING.
func probeIndex(tail string) string {
	return "CREATE INDEX rung_probe_index ON pg_temp.rung_probe USING " + tail
}

const probeIndexDef = "SELECT pg_catalog.pg_get_indexdef('pg_temp.rung_probe_index'::regclass)"

// probeCheck adds a constraint to the probe.
func probeCheck(def string) string {
	return "ALTER TABLE pg_temp.rung_probe ADD CONSTRAINT rung_probe_check " + def
}

const probeCheckDef = `SELECT pg_catalog.pg_get_constraintdef(oid, true) FROM pg_catalog.pg_constraint
 WHERE conrelid = 'pg_temp.rung_probe'::regclass AND conname = 'rung_probe_check'`
