package proof

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
)

// users finds the functions whose bodies name the known tables and columns that
// the statement has dropped or renamed. A column counts only beside its table.
func (o *observer) users(ctx context.Context, m *moment) error {
	if m.Failed != "" {
		return nil
	}
	for _, oid := range sortedOIDs(o.known) {
		was, is := m.before.relations[oid], m.after.relations[oid]
		if was != nil && (was.isTable() || was.Kind == "v") && (is == nil || is.full() != was.full()) {
			if err := o.usersOf(ctx, m, oid, was.full(), was.Name); err != nil {
				return err
			}
		}
	}
	for _, k := range pairs(m.before, m.after) {
		was, is := m.before.columns[k], m.after.columns[k]
		if o.knownColumns[k] != nil && was != nil && (is == nil || is.Name != was.Name) {
			if err := o.usersOf(ctx, m, k.table, nameIn(m.before, k.table)+"."+was.Name, m.relation(k.table).Name, was.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *observer) usersOf(ctx context.Context, m *moment, table int64, of string, names ...string) error {
	var b strings.Builder
	b.WriteString("SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text FROM pg_catalog.pg_proc AS p WHERE p.oid::pg_catalog.int8 OPERATOR(pg_catalog.>=) 16384")
	for _, n := range names {
		fmt.Fprintf(&b, " AND p.prosrc OPERATOR(pg_catalog.~*) %s", pgtext.Literal(`\m`+regexQuoted(n)+`\M`))
	}
	rows, err := o.conn.QueryContext(ctx, b.String()+" ORDER BY 1")
	if err != nil {
		return fmt.Errorf("look for functions that name %s: %w", of, err)
	}
	defer rows.Close()
	for rows.Next() {
		u := user{table: table, of: of}
		if err := rows.Scan(&u.function); err != nil {
			return err
		}
		m.users = append(m.users, u)
	}
	return rows.Err()
}

// regexQuoted is a name as a regular expression of PostgreSQL.
func regexQuoted(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r < 128 && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
