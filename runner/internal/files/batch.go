package files

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rung/internal/pgtext"
	"rung/internal/script"
)

// Batch is a `-- rung:batch` directive: its statements run over a key in
// batches, each a transaction with a row in the batch log.
type Batch struct {
	// Table is the key's table as SQL; Columns are the names of the key's one
	// or two columns.
	Table   string
	Columns []string
	BatchOptions
}

// BatchOptions steer a backfill.
type BatchOptions struct {
	// Rows is the size that the first batch has. Defaults to 10,000.
	Rows int
	// Target is the time that a batch should take; the size follows it.
	// Defaults to 200 ms.
	Target time.Duration
	// Workers is how many batches run at a time. Defaults to 1.
	Workers int
	// Pause is the rest after each batch. Defaults to none.
	Pause time.Duration
	// MaxLag is the replication lag above which the backfill waits. Defaults
	// to no limit.
	MaxLag time.Duration
	// Vacuum is when the table is vacuumed beside the batches: VacuumAuto,
	// VacuumOff, or after every so many batches. Defaults to VacuumAuto.
	Vacuum int
}

// The values of BatchOptions.Vacuum that are no number of batches.
const (
	VacuumAuto = 0 // when the rows written since the last one pass a sixth of the table
	VacuumOff  = -1
)

var batchDefaults = BatchOptions{Rows: 10_000, Target: 200 * time.Millisecond, Workers: 1}

// ParseBatchOption sets one option by its name in the directive, as the
// directive and the flags of the same names write it.
func (o *BatchOptions) ParseBatchOption(name, value string) (err error) {
	atLeastOne := func(to *int) error {
		if *to, err = strconv.Atoi(value); err != nil || *to < 1 {
			return fmt.Errorf("%s=%s is not a number above 0", name, value)
		}
		return nil
	}
	switch name {
	case "rows":
		return atLeastOne(&o.Rows)
	case "workers":
		return atLeastOne(&o.Workers)
	case "target":
		if o.Target, err = ParseDuration(value); err == nil && o.Target < time.Millisecond {
			err = fmt.Errorf("%s is less than 1ms", value)
		}
	case "pause":
		o.Pause, err = ParseDuration(value)
	case "max-lag":
		o.MaxLag, err = ParseDuration(value)
	case "vacuum":
		switch value {
		case "auto":
			o.Vacuum = VacuumAuto
		case "off":
			o.Vacuum = VacuumOff
		default:
			if atLeastOne(&o.Vacuum) != nil {
				return fmt.Errorf("vacuum=%s is not auto, off, or a number of batches", value)
			}
		}
	default:
		return fmt.Errorf("has no option %s", name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// parseBatch reads the directive's arguments.
func parseBatch(args string) (*Batch, error) {
	b := &Batch{BatchOptions: batchDefaults}
	seen := map[string]bool{}
	for _, field := range splitArgs(args) {
		name, value, ok := strings.Cut(field, "=")
		if !ok {
			return nil, fmt.Errorf("has %q, which is not option=value", field)
		}
		if seen[name] {
			return nil, fmt.Errorf("has %s twice", name)
		}
		seen[name] = true
		var err error
		if name == "key" {
			err = b.ParseKey(value)
		} else {
			err = b.ParseBatchOption(name, value)
		}
		if err != nil {
			return nil, err
		}
	}
	if b.Table == "" {
		return nil, fmt.Errorf("has no key=table.column")
	}
	return b, nil
}

// ParseKey reads table.column, schema.table.column or table(column, column).
func (b *Batch) ParseKey(value string) error {
	bad := fmt.Errorf("key=%s is not table.column or schema.table(column,column)", value)
	table, list, inParens := pgtext.CutOutsideQuotes(value, "(")
	names, ok := pgtext.Names(table, ".")
	if !ok {
		return bad
	}
	if inParens {
		columns, ok := pgtext.Names(strings.TrimSuffix(list, ")"), ",")
		if !ok || !strings.HasSuffix(list, ")") || len(columns) > 2 || len(names) > 2 {
			return bad
		}
		b.Columns = columns
	} else {
		if len(names) < 2 || len(names) > 3 {
			return bad
		}
		b.Columns, names = names[len(names)-1:], names[:len(names)-1]
	}
	for i, n := range names {
		names[i] = pgtext.Ident(n)
	}
	b.Table = strings.Join(names, ".")
	return nil
}

// splitArgs cuts at blanks outside of quotes and parentheses.
func splitArgs(s string) (out []string) {
	var b strings.Builder
	quoted, depth := false, 0
	for _, c := range s {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case (c == ' ' || c == '\t') && depth <= 0:
			if b.Len() > 0 {
				out = append(out, b.String())
				b.Reset()
			}
			continue
		}
		b.WriteRune(c)
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

// QuotedColumns are the key's columns as SQL.
func (b *Batch) QuotedColumns() []string {
	columns := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		columns[i] = pgtext.Ident(c)
	}
	return columns
}

// batchSpan is a batch and the statements that it runs. Its batch is nil where
// the directive cannot be read, which is a problem of the file.
type batchSpan struct {
	batch       *Batch
	pos         script.Pos
	first, last int
}

// batchSpans pairs `rung:batch` with its statements: the one below it, or
// those down to `rung:end`.
func (s *Script) batchSpans() (spans []batchSpan) {
	refuse := func(pos script.Pos, what, fix string) {
		s.addProblems(&s.Problems, []script.Problem{{Pos: pos, What: what, Fix: fix}})
	}
	open := -1 // the span that a rung:end may close
	for _, d := range s.Parsed.Directives {
		switch {
		case d.Inside || d.Name != "batch" && d.Name != "end":
		case d.Name == "end" && open < 0:
			refuse(d.Pos, "rung:end without its rung:batch", "take it out")
		case d.Name == "end":
			spans[open].last, open = d.Statement, -1
		case d.Statement >= len(s.Parsed.Statements):
			refuse(d.Pos, "rung:batch stands above no statement", "put it right above the statement that it batches")
		default:
			b, err := parseBatch(d.Args)
			if err != nil {
				refuse(d.Pos, "rung:batch "+err.Error(), "write it like `-- rung:batch key=users.id rows=10000`")
			}
			spans = append(spans, batchSpan{b, d.Pos, d.Statement, d.Statement + 1})
			open = len(spans) - 1
		}
	}
	s.checkSpans(spans)
	return slices.DeleteFunc(spans, func(span batchSpan) bool { return span.batch == nil })
}

// checkSpans refuses what could not run over a key, and parameters elsewhere.
func (s *Script) checkSpans(spans []batchSpan) {
	inside := map[int]bool{}
	for _, span := range spans {
		if span.batch != nil {
			s.checkSpan(span)
		}
		for i := span.first; i < span.last; i++ {
			inside[i] = true
		}
	}
	for i := range s.Parsed.Statements {
		st := &s.Parsed.Statements[i]
		if len(spans) > 0 && !inside[i] && st.Params != 0 && batchable[Words(st.Words).At(0)] {
			s.addProblems(&s.Problems, []script.Problem{{Pos: st.Pos, What: "a parameter outside of a batch", Fix: "close a batch of several statements by `-- rung:end` below the last one"}})
		}
	}
}

// batchable are the statements that a batch may hold: those that PREPARE takes.
var batchable = map[string]bool{"SELECT": true, "INSERT": true, "UPDATE": true, "DELETE": true, "MERGE": true, "WITH": true, "VALUES": true}

// checkSpan refuses what could not run over a key.
func (s *Script) checkSpan(span batchSpan) {
	var all uint64
	for i := span.first; i < span.last; i++ {
		st := &s.Parsed.Statements[i]
		all |= st.Params
		if !batchable[Words(st.Words).At(0)] {
			s.addProblems(&s.Problems, []script.Problem{{Pos: st.Pos, What: Words(st.Words).At(0) + " cannot run in batches", Fix: "move it out of the batch: only SELECT, INSERT, UPDATE, DELETE and MERGE can"}})
		}
	}
	n := 2 * len(span.batch.Columns)
	want := uint64(1)<<(n+1) - 2
	p := script.Problem{Pos: span.pos}
	switch {
	case all&^want != 0:
		p.What = fmt.Sprintf("the batch has a parameter above $%d", n)
		p.Fix = "$1 and $2 are the first and last key; $1 to $4 for a key of two columns"
	case all != want && n == 2:
		p.What, p.Fix = "the batch does not use both $1 and $2", "bound it, as in WHERE id BETWEEN $1 AND $2"
	case all != want:
		p.What, p.Fix = "the batch does not use all of $1 to $4", "bound it, as in WHERE (a, b) BETWEEN ($1, $2) AND ($3, $4)"
	default:
		return
	}
	s.addProblems(&s.Problems, []script.Problem{p})
}

// MayBe reports whether a batch can be over a recorded key, such as
// "public.users (id)". What a name without a schema means shows only when it runs.
func (b *Batch) MayBe(recorded string) bool {
	table, ok := strings.CutSuffix(unquoted(recorded), unquoted(" ("+strings.Join(b.QuotedColumns(), ", ")+")"))
	mine := unquoted(b.Table)
	return recorded == "" || ok && (table == mine || strings.HasSuffix(table, "."+mine))
}

// unquoted is a name as far as it tells two keys apart: the server and rung do
// not put the same names in quotes.
func unquoted(name string) string { return strings.ReplaceAll(name, `"`, "") }
