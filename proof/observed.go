package proof

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/excerpt"
	"rung/internal/secret"
	"rung/runner"
)

// Observed is what one statement did on the scratch server.
type Observed struct {
	File    string         `json:"file"`
	Version runner.Version `json:"version"`
	// Direction is up or down: of which file of the version it is.
	Direction runner.Direction `json:"direction"`
	Line      int              `json:"line"`
	LastLine  int              `json:"last_line"`
	SQL       string           `json:"sql"`
	// How is transaction, batch or outside.
	How string `json:"how"`
	// EndLine is the last line of its transaction: its locks are held until then.
	EndLine int `json:"end_line"`
	// Locks are those on relations that are held when it ends, those that an
	// earlier statement of the transaction took among them.
	Locks    []Lock   `json:"locks"`
	Rewrites []string `json:"rewrites"`
	Scans    []string `json:"scans"`
	Builds   []Build  `json:"builds"`
	Changes  []Change `json:"changes"`
	// Failed is the server's error, or "".
	Failed   string `json:"failed,omitempty"`
	SQLState string `json:"sqlstate,omitempty"`
	// FailedAt is where the server points, or nil.
	FailedAt *Place `json:"failed_at,omitempty"`
	// NotObserved says what could not be seen, or is "".
	NotObserved string `json:"not_observed,omitempty"`
}

// Place is a place in a file.
type Place struct {
	Line int `json:"line"`
	// Column counts characters; 0 is the whole line.
	Column int `json:"column"`
	// Source is the text of the line.
	Source string `json:"source"`
}

// excerpt is the line with a caret below it.
func (p *Place) excerpt() string {
	if p == nil || p.Source == "" {
		return ""
	}
	source, caret := excerpt.Around(strings.ReplaceAll(p.Source, "\t", " "), p.Column)
	text := fmt.Sprintf("%5d | %s\n", p.Line, source)
	if caret > 0 {
		text += "      | " + excerpt.Blanks(string([]rune(source)[:caret-1])) + "^\n"
	}
	return text
}

// Lock is a lock on a relation that a statement takes, or that is held meanwhile.
type Lock struct {
	Relation string   `json:"relation"`
	Mode     LockMode `json:"mode"`
	// Since is the line of the statement that took it.
	Since int `json:"since"`
	// Blocks is what waits for it: "writes", "reads and writes" or "".
	Blocks string `json:"blocks,omitempty"`
	// New is true for a relation that the pending files make.
	New bool `json:"new"`
	// Documented is true where the mode is PostgreSQL's word: a statement outside
	// of a transaction has let go of its locks before anybody can look.
	Documented bool `json:"documented,omitempty"`

	oid int64
	by  *moment
}

// Build is an index that a statement built.
type Build struct {
	Index string `json:"index"`
	Table string `json:"table"`
}

// transaction is one of those that a file runs in.
type transaction struct {
	held map[int64]heldLock
	// statements are those of it, in order, that are through.
	statements []*moment
	// many is set once lock-many-tables is found.
	many bool
	// guards are by table what ends it where the table is too large.
	guards map[int64]guard
}

// guard is a statement that ends its transaction where a table is larger than so many
// bytes, and what a finding says of it.
type guard struct {
	limit int64
	says  string
}

type heldLock struct {
	mode LockMode
	by   *moment
}

// moment is one statement with the looks before and after it.
type moment struct {
	*Observed
	statement     runner.Statement
	before, after *look
	tx            *transaction
	// debug are the server's DEBUG lines, notices what else it said.
	debug   []string
	notices []*pq.Error
	// wholeTables are those that its UPDATE or DELETE goes through without an index.
	wholeTables []string
	// added are the tables that it adds columns to.
	added map[int64]bool
	// scanned are the tables of Scans, rewritten those of Rewrites, built the
	// indexes of Builds.
	scanned, rewritten, built []int64
	// users are the functions that name what it drops or renames.
	users   []user
	outside string
	batch   bool
}

// taken are the locks that the statement itself took or strengthened.
func (m *moment) taken() (locks []Lock) {
	for _, l := range m.Locks {
		if l.by == m {
			locks = append(locks, l)
		}
	}
	return locks
}

// user is a function whose text names what a statement drops or renames.
// PostgreSQL does not know of it: such a function fails when it is next called.
type user struct {
	function string
	table    int64
	of       string // the table or column, as it was named
}

func (m *moment) fail(e *runner.StatementError) {
	m.Failed = strings.ReplaceAll(e.Error(), "pq: ", "")
	if e.Line > 0 {
		m.FailedAt = &Place{e.Line, e.Caret, secret.Mask(e.Source)}
	}
	if p := pq.As(e.Err); p != nil {
		m.SQLState = string(p.Code)
	}
}

// relation is one by its oid, from after the statement or, if it is gone, before.
func (m *moment) relation(oid int64) *relation {
	if r := m.after.relations[oid]; r != nil {
		return r
	}
	if r := m.before.relations[oid]; r != nil {
		return r
	}
	return &relation{OID: oid, Name: "?"}
}

// ofToast reports whether it is a TOAST table or its index.
func (m *moment) ofToast(r *relation) bool {
	return r.Kind == "t" || r.isIndex() && m.relation(r.Table).Kind == "t"
}

// reads reports whether it is a statement whose scans are the planner's choice.
func (m *moment) reads() bool {
	return slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE", "DO", "CALL", "COPY", "EXPLAIN", "EXECUTE", "ANALYZE", "DECLARE", "FETCH"}, m.word(0))
}

func (m *moment) word(n int) string {
	if n < len(m.statement.Words) {
		return m.statement.Words[n]
	}
	return ""
}

// lockOn is the lock on a relation while the statement runs.
func (m *moment) lockOn(oid int64) (mode LockMode) {
	for _, l := range m.Locks {
		if l.oid == oid {
			mode = stronger(mode, l.Mode)
		}
	}
	return mode
}

// shortSQL is a statement on one line.
func shortSQL(text string, most int) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		return string(line[:most-1]) + "…"
	}
	return string(line)
}

// sortStatements puts them in the order of the files, each down file behind its up.
func sortStatements(all []*Observed) {
	slices.SortStableFunc(all, func(a, b *Observed) int {
		return cmp.Or(a.Version.Compare(b.Version), strings.Compare(string(b.Direction), string(a.Direction)), a.Line-b.Line)
	})
}
