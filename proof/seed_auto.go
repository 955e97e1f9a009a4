package proof

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
)

//go:embed sql/seed_tables.sql
var seedTablesSQL string

//go:embed sql/seed_columns.sql
var seedColumnsSQL string

// seedTable is a table that may get rows.
type seedTable struct {
	oid     int64
	name    string
	words   []string // what files call it by: its name, those of its types
	parents []int64  // the tables that its foreign keys point at
	checks  []string // the texts of its CHECK constraints
	columns []seedColumn
}

// seedColumn is a column that may get values.
type seedColumn struct {
	name, typ string // typ as format_type has it
	base      string // the name of the type below domains and arrays
	category  string // as pg_type.typcategory has it
	length    int    // of varchar and char, 0 without
	values    []string
	required  bool // NOT NULL
	skipped   bool // generated, or from a sequence
	defaulted bool // has a default
	array     bool
	// refTable and refColumn are what a foreign key takes its value from, or 0 and "".
	refTable           int64
	refName, refColumn string
}

// seedRows is how many rows a table gets: a typical one, one at the edges, one
// of NULLs, and more where an enum has more values.
const (
	seedRows     = 3
	mostSeedRows = 12
)

// seeder makes rows in one database.
type seeder struct {
	tx     *sql.Tx
	tables map[int64]*seedTable
	done   map[int64]bool
	failed map[string]string // table and why it has no rows
	made   int
}

// autoSeed makes rows, in the trial, for the empty tables that the files of a
// version name and the parents of these.
func (t *trial) autoSeed(ctx context.Context) (made int, failed map[string]string, err error) {
	text, err := t.m.Up.Text()
	if err != nil {
		return 0, nil, err
	}
	down, err := t.m.Down.Text()
	if err != nil {
		return 0, nil, err
	}
	db, err := t.trial.open()
	if err != nil {
		return 0, nil, err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, nil, err
	}
	defer tx.Rollback()
	s := &seeder{tx: tx, tables: map[int64]*seedTable{}, done: map[int64]bool{}, failed: map[string]string{}}
	if err := s.read(ctx, t.hidden()); err != nil {
		return 0, nil, fmt.Errorf("read the tables to seed: %w", err)
	}
	named := wordsOf(text + "\n" + down)
	for _, table := range s.inOrder() {
		if slices.ContainsFunc(table.words, func(w string) bool { return named[w] }) {
			if err := s.fill(ctx, table, nil); err != nil {
				return 0, nil, err
			}
		}
	}
	return s.made, s.failed, tx.Commit()
}

var identifier = lazyre.New(`"(?:[^"]|"")+"|[\pL_][\pL\pN_$]*`)

// wordsOf are the identifiers of a file, as the catalog has them.
func wordsOf(text string) map[string]bool {
	words := map[string]bool{}
	for _, word := range identifier.FindAllString(text, -1) {
		if word[0] == '"' {
			words[unquoted(word)] = true
			continue
		}
		words[strings.ToLower(word)] = true
	}
	return words
}

func (s *seeder) read(ctx context.Context, hidden []string) error {
	if _, err := s.tx.ExecContext(ctx, "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL row_security = off"); err != nil {
		return err
	}
	rows, err := s.tx.QueryContext(ctx, seedTablesSQL, pq.Array(hidden))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		t := &seedTable{}
		if err := rows.Scan(&t.oid, &t.name, pq.Array(&t.words), pq.Array(&t.parents), pq.Array(&t.checks)); err != nil {
			return err
		}
		s.tables[t.oid] = t
	}
	if err := rows.Err(); err != nil {
		return err
	}
	columns, err := s.tx.QueryContext(ctx, seedColumnsSQL)
	if err != nil {
		return err
	}
	defer columns.Close()
	for columns.Next() {
		var c seedColumn
		var oid int64
		if err := columns.Scan(&oid, &c.name, &c.typ, &c.base, &c.category, &c.length, pq.Array(&c.values), &c.required, &c.skipped, &c.defaulted, &c.array, &c.refTable, &c.refName, &c.refColumn); err != nil {
			return err
		}
		if t := s.tables[oid]; t != nil {
			t.columns = append(t.columns, c)
		}
	}
	return columns.Err()
}

// inOrder are the tables, by name.
func (s *seeder) inOrder() (all []*seedTable) {
	for _, t := range s.tables {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *seedTable) int { return strings.Compare(a.name, b.name) })
	return all
}

// fill makes rows for a table, after its parents. In a cycle of foreign keys the
// first row has NULL where that is allowed.
func (s *seeder) fill(ctx context.Context, t *seedTable, above []int64) error {
	if s.done[t.oid] || slices.Contains(above, t.oid) {
		return nil
	}
	for _, oid := range t.parents {
		if p := s.tables[oid]; p != nil && oid != t.oid {
			if err := s.fill(ctx, p, append(above, t.oid)); err != nil {
				return err
			}
		}
	}
	s.done[t.oid] = true
	var there bool
	if err := s.tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM "+t.name+")").Scan(&there); err != nil || there {
		return err
	}
	return s.insert(ctx, t)
}

// insert tries each row in a savepoint; the ways to make a row are tried until
// the constraints let one in.
func (s *seeder) insert(ctx context.Context, t *seedTable) error {
	count := seedRows
	for _, c := range t.columns {
		count = max(count, len(c.values))
	}
	var last error
	in := 0
	for i := range min(count, mostSeedRows) {
		for way := range ways(t) {
			statement := t.row(i, way)
			if last = s.try(ctx, statement); last == nil {
				in++
				break
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	s.made += in
	if in == 0 {
		s.failed[t.name] = strings.TrimPrefix(last.Error(), "pq: ")
	}
	return nil
}

// try runs a statement that may fail, with triggers, and then without.
func (s *seeder) try(ctx context.Context, statement string) (err error) {
	for _, role := range []string{"origin", "replica"} {
		message := "SAVEPOINT seed; SET LOCAL session_replication_role = " + role + ";" + statement + "; SET LOCAL session_replication_role = origin; RELEASE seed"
		if role == "origin" { // takes no right of a superuser
			message = "SAVEPOINT seed; " + statement + "; SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; RELEASE seed"
		}
		_, err = s.tx.ExecContext(ctx, message)
		if err == nil {
			return nil
		}
		if _, failed := s.tx.ExecContext(ctx, "ROLLBACK TO seed; RELEASE seed"); failed != nil {
			return failed
		}
		if e := pq.As(err); e == nil || e.Code.Class() == "23" {
			return err // a constraint says no to this row, whoever asks
		}
	}
	return err
}

var (
	quotedText  = lazyre.New(`'((?:[^']|'')*)'`)
	plainNumber = lazyre.New(`\b\d{1,9}\b`)
)

// ways is how many ways there are to make a row: as the types say, and with the
// values that the CHECK constraints name.
func ways(t *seedTable) int {
	n := 4
	for _, c := range t.columns {
		n = max(n, 4+len(t.namedFor(c)))
	}
	return min(n, 16)
}

// asIs reports whether a way leaves it to the row whether it is the typical one,
// the one at the edges or that of NULLs. The others try plainer values.
func asIs(way int) bool { return way == 0 || way >= 4 }

// row is the INSERT of one row.
func (t *seedTable) row(i, way int) string {
	var names, values []string
	for _, c := range t.columns {
		value, ok := c.value(t, i, way)
		if !ok {
			continue
		}
		names, values = append(names, pq.QuoteIdentifier(c.name)), append(values, value)
	}
	if len(names) == 0 {
		return "INSERT INTO " + t.name + " DEFAULT VALUES"
	}
	return fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)", t.name, strings.Join(names, ", "), strings.Join(values, ", "))
}

// value is what a column gets in row i; false leaves it to the server.
func (c seedColumn) value(t *seedTable, i, way int) (string, bool) {
	switch {
	case c.skipped, c.defaulted && i == 0:
		return "", false
	case c.refTable != 0 && c.refTable == t.oid:
		if !c.required {
			return "NULL", true
		}
	case c.refTable != 0:
		if i == 2 && !c.required && asIs(way) {
			return "NULL", true
		}
		// By place, so that the columns of one key come from one row.
		return fmt.Sprintf("(SELECT %s FROM %s ORDER BY tableoid, ctid OFFSET %d %% greatest((SELECT count(*) FROM %[2]s), 1) LIMIT 1)", pq.QuoteIdentifier(c.refColumn), c.refName, i), true
	}
	if i == 2 && !c.required && asIs(way) {
		return "NULL", true
	}
	if named := t.namedFor(c); way >= 4 && len(named) > 0 {
		return pgtext.Literal(named[(way-4+i)%len(named)]) + "::" + c.typ, true
	}
	value := c.literal(i+1, way)
	if c.array {
		value = "ARRAY[" + value + "]"
	}
	return value + "::" + c.typ, true
}

// namedFor are the values that the table's CHECK constraints name beside a
// column: texts, and for a number those around the ones that are named.
func (t *seedTable) namedFor(c seedColumn) (all []string) {
	for _, check := range t.checks {
		switch {
		case !wordsOf(check)[c.name]:
		case c.category == "N":
			for _, text := range plainNumber.FindAllString(check, -1) {
				n, err := strconv.Atoi(text)
				if err == nil {
					all = append(all, strconv.Itoa(n+1), text, strconv.Itoa(n-1))
				}
			}
		default:
			for _, m := range quotedText.FindAllStringSubmatch(check, -1) {
				all = append(all, strings.ReplaceAll(m[1], "''", "'"))
			}
		}
	}
	return all
}

// literal is a value of the column's type, without the cast: the n-th one, in
// row 2 one at an edge of the type.
func (c seedColumn) literal(n, way int) string {
	edge := n == 2 && asIs(way)
	number := []int{n, n - 1, 0, -n}[min(way, 3)]
	switch {
	case len(c.values) > 0:
		return pgtext.Literal(c.values[(n-1)%len(c.values)])
	case c.category == "B":
		return strconv.FormatBool(n%2 == 1)
	case c.base == "timestamptz", c.base == "timestamp", c.base == "date":
		return fmt.Sprintf("'2020-01-%02d'", n)
	case c.base == "time", c.base == "timetz":
		return fmt.Sprintf("'12:00:%02d'", n)
	case c.base == "interval":
		return fmt.Sprintf("'%d days'", n)
	case c.base == "json", c.base == "jsonb":
		return fmt.Sprintf(`'{"k": %d}'`, n)
	case c.base == "uuid":
		return fmt.Sprintf("'00000000-0000-4000-8000-%012d'", n)
	case c.base == "bytea":
		return fmt.Sprintf(`'\x%02x'`, n)
	case c.base == "inet", c.base == "cidr":
		return fmt.Sprintf("'192.0.2.%d'", n)
	case c.base == "macaddr":
		return fmt.Sprintf("'08:00:2b:01:02:%02x'", n)
	case c.base == "bit", c.base == "varbit":
		return "'" + strings.Repeat("1", max(c.length, 1)) + "'"
	case c.base == "tsvector", c.base == "tsquery":
		return fmt.Sprintf("'word%d'", n)
	case c.base == "xml":
		return fmt.Sprintf("'<k>%d</k>'", n)
	case c.base == "point":
		return fmt.Sprintf("'(%d,%d)'", n, n)
	case c.category == "R":
		return "'empty'"
	case c.category == "N":
		return "'" + strconv.Itoa(number) + "'"
	case c.category == "S" && edge && c.length > 0:
		return pgtext.Literal(strings.Repeat("ä", c.length)) // as long as it may be
	case c.category == "S" && way == 2:
		return "''"
	case c.category == "S":
		text := fmt.Sprintf("%s-%d", c.name, n)
		if r := []rune(text); c.length > 0 && len(r) > c.length {
			text = string(r[len(r)-c.length:])
		}
		return pgtext.Literal(text)
	}
	return "NULL"
}
