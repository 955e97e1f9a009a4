package proof

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
)

var (
	//go:embed sql/tables.sql
	tablesSQL string
	//go:embed sql/sequences.sql
	sequencesSQL string
	//go:embed sql/volatile.sql
	volatileSQL string
)

const (
	// keptRows is the most rows of a table that are kept, to name one that differs.
	keptRows = 10_000
	// smallTable is the size in bytes up to which a table is read whole: it
	// cannot hold more than keptRows.
	smallTable = 256 << 10
)

// contents are the rows of one table.
type contents struct {
	count int64
	key   []string // the columns of the primary key
	// rows are all of them as JSON, sorted; nil for a table with more than keptRows.
	rows []string
	// sum stands for the rows of such a table, in no order.
	sum string
}

func (c *contents) equal(o *contents) bool {
	if c == o {
		return true
	}
	return c.count == o.count && c.sum == o.sum && slices.Equal(c.rows, o.rows)
}

// empty is a table without rows, or one that is not there.
var empty = &contents{}

// rowCache keeps what was read of large tables. Its keys tell the table's file,
// its columns, and each row version by place and transaction: where all these
// are the same, so are the rows. It holds for all databases of one server.
type rowCache map[string]*contents

// storedTable is a table with something in its file.
type storedTable struct {
	oid  int64
	name string
	size int64
	key  []string
	mark string
	// values are its columns, as they are hashed.
	values string
}

// contents reads the rows of all tables. Types is a text that changes whenever
// values may look different without having been written: enums and row types.
func (r *reader) contents(ctx context.Context, cache rowCache, types string) (map[string]*contents, error) {
	tables, err := r.storedTables(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]*contents{}
	var whole []storedTable
	for _, t := range tables {
		if t.size <= smallTable {
			whole = append(whole, t)
			continue
		}
		if all[t.name], err = r.largeTable(ctx, cache, t, types); err != nil {
			return nil, err
		}
	}
	return all, r.readWhole(ctx, whole, all)
}

func (r *reader) storedTables(ctx context.Context) (all []storedTable, err error) {
	err = r.query(ctx, tablesSQL, []any{pq.Array(r.hidden)}, func(rows *sql.Rows) error {
		var t storedTable
		err := rows.Scan(&t.oid, &t.name, &t.size, pq.Array(&t.key), &t.mark, &t.values)
		all = append(all, t)
		return err
	})
	return all, err
}

// readWhole reads small tables, all of them in one message.
func (r *reader) readWhole(ctx context.Context, tables []storedTable, all map[string]*contents) error {
	if len(tables) == 0 {
		return nil
	}
	var message strings.Builder
	for _, t := range tables {
		fmt.Fprintf(&message, "SELECT to_jsonb(the_row)::text FROM ONLY %s AS the_row;\n", t.name)
	}
	rows, err := r.conn.QueryContext(ctx, message.String())
	if err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	defer rows.Close()
	for i, t := range tables {
		c := &contents{key: t.key}
		if i > 0 && !rows.NextResultSet() {
			break
		}
		if c.rows, err = texts(rows); err != nil {
			return fmt.Errorf("read the rows of %s: %w", t.name, err)
		}
		c.count = int64(len(c.rows))
		all[t.name] = c
	}
	return rows.Err()
}

// texts are the rows of a result of one column, sorted.
func texts(rows *sql.Rows) (all []string, err error) {
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return all, rows.Err()
}

// largeTable reads a table, or finds that it has been read before.
func (r *reader) largeTable(ctx context.Context, cache rowCache, t storedTable, types string) (*contents, error) {
	c := &contents{key: t.key}
	var versions string
	err := r.conn.QueryRowContext(ctx, fmt.Sprintf(
		"SELECT count(*), coalesce(bit_xor(hashtidextended(ctid, xmin::text::int8))::text, '') FROM ONLY %s", t.name)).Scan(&c.count, &versions)
	if err != nil {
		return nil, fmt.Errorf("read the rows of %s: %w", t.name, err)
	}
	key := fmt.Sprintf("%d %s %d %s %s", t.oid, t.mark, c.count, versions, types)
	if known := cache[key]; known != nil {
		return known, nil
	}
	if c.count <= keptRows {
		rows, err := r.conn.QueryContext(ctx, fmt.Sprintf("SELECT to_jsonb(the_row)::text FROM ONLY %s AS the_row", t.name))
		if err != nil {
			return nil, fmt.Errorf("read the rows of %s: %w", t.name, err)
		}
		defer rows.Close()
		if c.rows, err = texts(rows); err != nil {
			return nil, fmt.Errorf("read the rows of %s: %w", t.name, err)
		}
	} else if c.sum, err = r.sum(ctx, t); err != nil {
		return nil, err
	}
	cache[key] = c
	return c, nil
}

// sum stands for all rows of a table, in no order, duplicates counted. It knows
// columns by their names, not by their places.
func (r *reader) sum(ctx context.Context, t storedTable) (sum string, err error) {
	err = r.conn.QueryRowContext(ctx, fmt.Sprintf(
		"SELECT concat_ws(' ', sum(hash_record_extended(v, 0)), sum(hash_record_extended(v, 1))) FROM (SELECT ROW(%s) AS v FROM ONLY %s AS the_row OFFSET 0) AS x", t.values, t.name)).Scan(&sum)
	if err != nil {
		return "", fmt.Errorf("add up the rows of %s: %w", t.name, err)
	}
	return sum, nil
}

// positions are where the sequences stand, by name.
func (r *reader) positions(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	err := r.query(ctx, sequencesSQL, []any{pq.Array(r.hidden)}, func(rows *sql.Rows) error {
		var name, position string
		err := rows.Scan(&name, &position)
		all[name] = position
		return err
	})
	return all, err
}

// settings are what ALTER DATABASE and ALTER ROLE have set.
func (r *reader) settings(ctx context.Context) (text string, err error) {
	err = r.conn.QueryRowContext(ctx, "SELECT coalesce(string_agg(s::text, ' ' ORDER BY s::text), '') FROM pg_db_role_setting AS s").Scan(&text)
	return text, err
}

// volatile are the columns whose values differ from run to run by right, by table.
func (r *reader) volatile(ctx context.Context) (map[string][]string, error) {
	all := map[string][]string{}
	err := r.query(ctx, volatileSQL, []any{pq.Array(r.hidden)}, func(rows *sql.Rows) error {
		var table, column string
		err := rows.Scan(&table, &column)
		all[table] = append(all[table], column)
		return err
	})
	return all, err
}

func (r *reader) query(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	rows, err := r.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("read the scratch database: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("read the scratch database: %w", err)
		}
	}
	return rows.Err()
}

// snapshot is one state of a database: its schema, its rows, its sequences.
type snapshot struct {
	schema    fingerprint
	tables    map[string]*contents
	positions map[string]string
	// settings are those of the database and the roles, which new sessions have.
	settings string
}

// rows are those of a table, which may not be there.
func (s *snapshot) rows(table string) *contents {
	if c := s.tables[table]; c != nil {
		return c
	}
	return empty
}

// take reads a snapshot.
func (r *reader) take(ctx context.Context, cache rowCache, roles []string) (*snapshot, error) {
	s := &snapshot{}
	var err error
	if s.schema, err = r.fingerprint(ctx, roles); err != nil {
		return nil, err
	}
	if s.tables, err = r.contents(ctx, cache, s.schema.types()); err != nil {
		return nil, err
	}
	if s.positions, err = r.positions(ctx); err != nil {
		return nil, err
	}
	s.settings, err = r.settings(ctx)
	return s, err
}

// types are the definitions of the types and generated columns that may change
// how a row looks without its being written.
func (f fingerprint) types() string {
	var all []string
	for _, o := range f {
		if o.kind == "type" || o.kind == "domain" || o.kind == "column" && (strings.HasPrefix(o.parent, "type ") || strings.Contains(o.definition, `"virtual `)) {
			all = append(all, o.key()+o.definition)
		}
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "\n")))
	return hex.EncodeToString(sum[:])
}
