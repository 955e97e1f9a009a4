package proof

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/runner"
)

// dataCheck asks the live rows whether they are as a statement wants them.
type dataCheck struct {
	m     *moment
	table *relation // as the live database has it
	what  string    // that a row breaks
	// rows lists rows that do; try, in its place, fails where there are some.
	rows, try string
}

// checker collects the questions while the files run.
type checker struct {
	o *observer
	// written are the tables that a statement may have written, by its line.
	written map[int64]string
	all     []dataCheck
	note    func(string)
}

var usesUsing = lazyre.New(`(?i)\bUSING\b`)

// statement collects what a statement wants of rows that are there.
func (c *checker) statement(ctx context.Context, m *moment) error {
	if m.Failed != "" || m.Direction == runner.Down {
		return nil
	}
	for _, oid := range sortedOIDs(c.o.known) {
		if r := c.o.known[oid]; r.isTable() && m.reads() && namedIn(m.SQL, r.Name) {
			c.written[oid] = fmt.Sprintf("%s:%d", m.File, m.Line)
		}
	}
	c.columns(m)
	for _, oid := range sortedOIDs(m.after.constraints) {
		k, was := m.after.constraints[oid], m.before.constraints[oid]
		if k.Valid && k.Parent == 0 && (was == nil || !was.Valid) {
			if err := c.constraint(ctx, m, k); err != nil {
				return err
			}
		}
	}
	for _, oid := range sortedOIDs(m.after.relations) {
		if is := m.after.relations[oid]; is.isIndex() && is.Unique && m.before.relations[oid] == nil {
			if err := c.unique(ctx, m, is); err != nil {
				return err
			}
		}
	}
	return nil
}

// add keeps a check of a table that the live database has, unless a pending
// statement before it may have put the rows right.
func (c *checker) add(m *moment, table int64, check dataCheck) {
	r := c.o.known[table]
	if r == nil || r.Kind != "r" && r.Kind != "p" {
		return
	}
	if at := c.written[table]; at != "" {
		c.note(fmt.Sprintf("%s:%d: whether %s is not checked in the live rows: %s may change them first", m.File, m.Line, check.what, at))
		return
	}
	check.m, check.table = m, r
	c.all = append(c.all, check)
}

// columnsOf are a table's columns by their numbers, as the live database names
// them; false where it lacks one.
func (c *checker) columnsOf(table int64, numbers string) (names []string, ok bool) {
	for n := range strings.FieldsSeq(numbers) {
		var number int
		if _, err := fmt.Sscan(n, &number); err != nil || c.o.knownColumns[columnKey{table, number}] == nil {
			return nil, false
		}
		names = append(names, pgtext.Ident(c.o.knownColumns[columnKey{table, number}].Name))
	}
	return names, len(names) > 0
}

func (r *relation) quoted() string { return pgtext.Ident(r.Schema) + "." + pgtext.Ident(r.Name) }

var typeWithLength = lazyre.New(`^character(?: varying)?\((\d+)\)$`)

// columns collects NOT NULL and changes of types.
func (c *checker) columns(m *moment) {
	for _, k := range pairs(m.before, m.after) {
		was, is, known := m.before.columns[k], m.after.columns[k], c.o.knownColumns[k]
		r := c.o.known[k.table]
		if was == nil || is == nil || known == nil || r == nil {
			continue
		}
		name := pgtext.Ident(known.Name)
		if is.NotNull && !was.NotNull {
			c.add(m, k.table, dataCheck{what: known.Name + " is never NULL", rows: "SELECT * FROM " + r.quoted() + " WHERE " + name + " IS NULL LIMIT 10"})
		}
		if !was.retyped(is) || !narrower(was.Type, is.Type) || usesUsing.MatchString(m.SQL) {
			continue
		}
		check := dataCheck{what: known.Name + " fits " + is.Type, try: "SELECT count(CAST(" + name + " AS " + is.Type + ")) FROM " + r.quoted()}
		if length := typeWithLength.FindStringSubmatch(is.Type); length != nil { // a CAST cuts
			check.rows = "SELECT * FROM " + r.quoted() + " WHERE length(rtrim(" + name + "::text, ' ')) > " + length[1] + " LIMIT 10"
		}
		c.add(m, k.table, check)
	}
}

// constraint collects a CHECK or a foreign key that holds from here on.
func (c *checker) constraint(ctx context.Context, m *moment, k *constraint) error {
	r, other := c.o.known[k.Table], c.o.known[k.Other]
	columns, ok := c.columnsOf(k.Table, k.Keys)
	if r == nil || !ok {
		return nil
	}
	switch k.Sort {
	case "c":
		var text string
		err := c.qualified(ctx, m, fmt.Sprintf("SELECT pg_catalog.pg_get_expr(k.conbin, k.conrelid) FROM pg_catalog.pg_constraint AS k WHERE k.oid OPERATOR(pg_catalog.=) %d", k.OID), &text)
		if err != nil {
			return err
		}
		c.add(m, k.Table, dataCheck{what: text + " holds", rows: "SELECT * FROM " + r.quoted() + " WHERE NOT (" + text + ") LIMIT 10"})
	case "f":
		keys, ok := c.columnsOf(k.Other, k.OtherKeys)
		if !ok || other == nil {
			return nil
		}
		var given, equal []string
		for i := range columns {
			given, equal = append(given, "child."+columns[i]+" IS NOT NULL"), append(equal, "parent."+keys[i]+" = child."+columns[i])
		}
		c.add(m, k.Table, dataCheck{
			what: fmt.Sprintf("each %s is in %s", strings.Join(columns, ", "), other.full()),
			rows: fmt.Sprintf("SELECT child.* FROM %s AS child WHERE %s AND NOT EXISTS (SELECT FROM %s AS parent WHERE %s) LIMIT 10", r.quoted(), strings.Join(given, " AND "), other.quoted(), strings.Join(equal, " AND ")),
		})
	}
	return nil
}

// unique collects a unique index, that of a constraint too.
func (c *checker) unique(ctx context.Context, m *moment, index *relation) error {
	r := c.o.known[index.Table]
	if r == nil {
		return nil
	}
	var keys []string
	for i := range len(strings.Fields(index.Keys)) {
		var key string
		if err := c.qualified(ctx, m, fmt.Sprintf("SELECT pg_catalog.pg_get_indexdef(%d, %d, false)", index.OID, i+1), &key); err != nil {
			return err
		}
		keys = append(keys, key)
	}
	var where string
	if err := c.qualified(ctx, m, fmt.Sprintf("SELECT COALESCE(pg_catalog.pg_get_expr(i.indpred, i.indrelid), 'true') FROM pg_catalog.pg_index AS i WHERE i.indexrelid OPERATOR(pg_catalog.=) %d", index.OID), &where); err != nil {
		return err
	}
	list := strings.Join(keys, ", ")
	for _, k := range keys {
		where += " AND " + k + " IS NOT NULL"
	}
	c.add(m, index.Table, dataCheck{
		what: list + " is unique",
		rows: fmt.Sprintf("SELECT %s, count(*) FROM %s WHERE %s GROUP BY %s HAVING count(*) > 1 LIMIT 10", list, r.quoted(), where, list),
	})
	return nil
}

// qualified asks the scratch database for a text in which every name that is not
// PostgreSQL's has its schema.
func (c *checker) qualified(ctx context.Context, m *moment, query string, to *string) error {
	begin, end := "SAVEPOINT rung_check; SET LOCAL search_path = pg_catalog", "ROLLBACK TO SAVEPOINT rung_check; RELEASE SAVEPOINT rung_check"
	if m.tx == nil {
		begin, end = "BEGIN; SET LOCAL search_path = pg_catalog", "ROLLBACK"
	}
	if err := c.o.exec(ctx, begin); err != nil {
		return err
	}
	if err := c.o.conn.QueryRowContext(ctx, query).Scan(to); err != nil {
		return fmt.Errorf("read a constraint of the scratch database: %w", err)
	}
	return c.o.exec(ctx, end)
}

// checkData asks the live database, each question in a READ ONLY transaction of
// its own with a time limit, and adds what its rows break.
func (v *review) checkData(ctx context.Context, seen *observation) error {
	for _, c := range seen.checks {
		c.rows, c.try, c.what = v.live.here(c.rows), v.live.here(c.try), unscoped(c.what)
		broken, err := v.live.breaks(ctx, c)
		if err != nil {
			if ctx.Err() != nil || pq.As(err) == nil {
				return err
			}
			v.note(fmt.Sprintf("%s:%d: whether %s could not be checked in the live rows: %v", c.m.File, c.m.Line, c.what, pq.As(err).Message))
			continue
		}
		if broken {
			f := newFinding(c.m, "would-violate")
			f.Relation, f.weight = c.table.full(), []*relation{c.table}
			f.What, f.Command = "live rows break it: "+c.what, c.rows
			seen.found = append(seen.found, f)
		}
	}
	return nil
}

// breaks reports whether live rows are not as a check wants them.
func (l *liveDatabase) breaks(ctx context.Context, c dataCheck) (broken bool, err error) {
	if c.rows != "" {
		err = l.read(ctx, func(conn *sql.Conn) error {
			return conn.QueryRowContext(ctx, "SELECT EXISTS ("+c.rows+")").Scan(&broken)
		})
		return broken, err
	}
	err = l.read(ctx, func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, c.try)
		return err
	})
	if e := pq.As(err); e != nil && slices.Contains([]string{"22", "23"}, string(e.Code)[:2]) && pq.As(err, pqerror.QueryCanceled) == nil {
		return true, nil
	}
	return false, err
}
