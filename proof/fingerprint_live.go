package proof

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/runner"
)

// Schema is the fingerprint of a live database's schema.
type Schema struct{ objects fingerprint }

// ReadSchema reads what a database's schema consists of, without the schemas in
// hidden: the history tables' own. It takes no lock but the reader's, works
// through PgBouncer's transaction mode, and needs no right but to connect.
func ReadSchema(ctx context.Context, conn pq.Config, hidden []string) (*Schema, error) {
	s := &Schema{}
	err := inCatalog(ctx, conn, hidden, func(rows *sql.Rows) (err error) {
		s.objects, err = scanFingerprint(rows)
		return err
	})
	return s, err
}

// inCatalog reads a live database's catalog in a transaction of its own.
func inCatalog(ctx context.Context, conn pq.Config, hidden []string, scan func(*sql.Rows) error) error {
	conn.ApplicationName = "rung proof"
	connector, err := pq.NewConnectorConfig(conn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return &runner.UnreachableError{Err: fmt.Errorf("read the schema: %w", err)}
	}
	defer tx.Rollback() //nolint:errcheck // it has only read
	rows, err := queryLive(ctx, tx, hidden)
	if err == nil {
		err = scan(rows)
	}
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	return nil
}

func queryLive(ctx context.Context, tx *sql.Tx, hidden []string) (*sql.Rows, error) {
	// A pooler's server is another client's next: nothing outlives the transaction.
	if _, err := tx.ExecContext(ctx, strings.ReplaceAll(readerSettings, "SET ", "SET LOCAL ")); err != nil {
		return nil, err
	}
	var version int
	if err := tx.QueryRowContext(ctx, "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4").Scan(&version); err != nil {
		return nil, err
	}
	publications := publication15SQL
	if version < 150000 {
		publications = publication14SQL
	}
	return tx.QueryContext(ctx, fingerprintSQL+publications, pq.Array(hidden), pq.Array([]string{}))
}

// Sum stands for the schema: schemas that are the same have the same.
func (s *Schema) Sum() string {
	sum := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		fmt.Fprintf(sum, "%q %q\n", key, s.objects[key].definition)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Differences are what this schema has otherwise than the other one, each as
// "index public.t_s is missing".
func (s *Schema) Differences(other *Schema) (all []string) {
	for _, d := range compareFingerprints(other.objects, s.objects) {
		how := map[differenceSort]string{lost: "is missing", left: "is there too", changed: "is another", moved: "has another place"}[d.sort]
		all = append(all, d.what+" "+how)
	}
	return all
}
