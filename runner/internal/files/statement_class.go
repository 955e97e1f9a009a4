package files

import (
	"slices"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/script"
)

// Words is a statement's leading tokens, as the splitter gives them.
type Words []string

func (w Words) At(i int) string {
	if i < len(w) {
		return w[i]
	}
	return ""
}

// Starts reports whether the statement begins with those keywords.
func (w Words) Starts(keywords string) bool {
	n := 0
	for want := range strings.FieldsSeq(keywords) {
		if w.At(n) != want {
			return false
		}
		n++
	}
	return true
}

// afterOptions are the words behind the first one and its options in parentheses.
func (w Words) afterOptions() Words {
	rest := w[min(1, len(w)):]
	if rest.At(0) == "(" {
		return rest[min(2, len(rest)):] // it and its ")"
	}
	return rest
}

func (w Words) has(keyword string) bool { return slices.Contains(w, keyword) }

// control is what a statement does to the transaction it stands in.
type control int

const (
	noControl control = iota
	beginTx
	commitTx
	rollbackTx
	savepointTx
	// twoPhase is PREPARE TRANSACTION and COMMIT AND CHAIN: they end the
	// transaction in a way that no record could go along with.
	twoPhase
)

func controlOf(w Words) control {
	switch w.At(0) {
	case "BEGIN":
		return beginTx
	case "START":
		if w.At(1) == "TRANSACTION" {
			return beginTx
		}
	case "COMMIT", "END":
		if w.At(1) == "PREPARED" {
			return noControl
		}
		return endOf(w).control
	case "ROLLBACK", "ABORT":
		switch {
		case w.At(1) == "PREPARED":
			return noControl
		case w.has("TO"):
			return savepointTx
		}
		return rollbackTx
	case "SAVEPOINT", "RELEASE":
		return savepointTx
	case "PREPARE":
		if w.At(1) == "TRANSACTION" {
			return twoPhase
		}
	}
	return noControl
}

// txEnd is a COMMIT or END read to its last word: rung sends one of its own in
// its place, so what PostgreSQL would refuse must not be lost with it.
type txEnd struct {
	control control
	read    int // how many words the grammar takes; the next one it would refuse
}

// endOf reads COMMIT [WORK | TRANSACTION] [AND [NO] CHAIN], the whole of it
// (TransactionStmt in gram.y).
func endOf(w Words) txEnd {
	e := txEnd{control: commitTx, read: 1}
	if next := w.At(1); next == "WORK" || next == "TRANSACTION" {
		e.read = 2
	}
	switch rest := w[e.read:]; {
	case rest.Starts("AND NO CHAIN"):
		e.read += 3
	case rest.Starts("AND CHAIN"):
		e.control, e.read = twoPhase, e.read+2
	}
	return e
}

// outsideOnly lists the statements that PostgreSQL refuses inside a
// transaction: the callers of PreventInTransactionBlock in its source. A
// REINDEX or CLUSTER that it refuses because its table is partitioned cannot
// be told from others: see mayBeRefused.
var outsideOnly = []struct {
	name    string
	matches func(w Words) bool
}{
	{"CREATE INDEX CONCURRENTLY", func(w Words) bool {
		return w.Starts("CREATE INDEX CONCURRENTLY") || w.Starts("CREATE UNIQUE INDEX CONCURRENTLY")
	}},
	{"DROP INDEX CONCURRENTLY", func(w Words) bool { return w.Starts("DROP INDEX CONCURRENTLY") }},
	{"REINDEX CONCURRENTLY", func(w Words) bool {
		return w.At(0) == "REINDEX" && w.afterOptions().At(1) == "CONCURRENTLY"
	}},
	{"REINDEX of a schema or database", func(w Words) bool {
		what := w.afterOptions().At(0)
		return w.At(0) == "REINDEX" && (what == "SCHEMA" || what == "DATABASE" || what == "SYSTEM")
	}},
	{"VACUUM", func(w Words) bool { return w.At(0) == "VACUUM" }},
	{"CLUSTER of all tables", func(w Words) bool {
		return w.At(0) == "CLUSTER" && !slices.ContainsFunc(w[1:], func(s string) bool { return isName(s) && s != "VERBOSE" })
	}},
	{"ALTER SYSTEM", func(w Words) bool { return w.Starts("ALTER SYSTEM") }},
	{"CREATE DATABASE", func(w Words) bool { return w.Starts("CREATE DATABASE") }},
	{"DROP DATABASE", func(w Words) bool { return w.Starts("DROP DATABASE") }},
	{"ALTER DATABASE … SET TABLESPACE", func(w Words) bool {
		return w.Starts("ALTER DATABASE") && w.has("SET") && w.has("TABLESPACE")
	}},
	{"CREATE TABLESPACE", func(w Words) bool { return w.Starts("CREATE TABLESPACE") }},
	{"DROP TABLESPACE", func(w Words) bool { return w.Starts("DROP TABLESPACE") }},
	{"DETACH PARTITION CONCURRENTLY", func(w Words) bool {
		return w.Starts("ALTER TABLE") && w.has("DETACH") && w.has("PARTITION") && w.has("CONCURRENTLY")
	}},
	{"CREATE SUBSCRIPTION", func(w Words) bool { return w.Starts("CREATE SUBSCRIPTION") }},
	{"ALTER SUBSCRIPTION", func(w Words) bool {
		return w.Starts("ALTER SUBSCRIPTION") && (w.At(3) == "REFRESH" || w.At(4) == "PUBLICATION" || w.At(3) == "SET" && w.At(4) == "(")
	}},
	{"DROP SUBSCRIPTION", func(w Words) bool { return w.Starts("DROP SUBSCRIPTION") }},
	{"COMMIT PREPARED", func(w Words) bool { return w.Starts("COMMIT PREPARED") }},
	{"ROLLBACK PREPARED", func(w Words) bool { return w.Starts("ROLLBACK PREPARED") }},
	{"DISCARD ALL", func(w Words) bool { return w.Starts("DISCARD ALL") }},
}

// OutsideVerb names the statement if PostgreSQL refuses it inside a
// transaction, otherwise it is "".
func OutsideVerb(s *script.Statement) string {
	for _, v := range outsideOnly {
		if v.matches(s.Words) {
			return v.name
		}
	}
	if Words(s.Words).At(0) == "REINDEX" && reindexOption.MatchString(s.Text[s.Lead:]) {
		return "REINDEX CONCURRENTLY"
	}
	return ""
}

// reindexOption finds the option among others, which are not in the words.
var reindexOption = lazyre.New(`(?is)^REINDEX\s*\((?:[^)]*,)?\s*CONCURRENTLY\s*(?:true|on|1)?\s*[,)]`)

// MayBeRefused names a statement that is refused inside a transaction in some
// cases: one that ends transactions of its own, or whose table is partitioned.
// Only in a stepwise file can it be meant so, and only there it is run outside.
func MayBeRefused(s *script.Statement) string {
	switch w := Words(s.Words); w.At(0) {
	case "CALL", "CLUSTER", "REINDEX":
		return w.At(0)
	case "DO":
		if endsTransaction.MatchString(s.Text) {
			return "DO with COMMIT"
		}
	case "SELECT":
		if w.has("PG_CREATE_LOGICAL_REPLICATION_SLOT") {
			return "pg_create_logical_replication_slot"
		}
	}
	return ""
}

// endsTransaction finds the statement in PL/pgSQL, and not an ON COMMIT DROP.
var endsTransaction = lazyre.New(`(?i)\b(?:COMMIT|ROLLBACK)\s*(?:;|AND\b)`)

// setsSession reports whether the statement sets what outlives its transaction,
// so that a file resumed in the middle needs it again.
func setsSession(s *script.Statement) bool {
	w := Words(s.Words)
	switch w.At(0) {
	case "SET":
		return w.At(1) != "LOCAL" && w.At(1) != "TRANSACTION" && w.At(1) != "CONSTRAINTS"
	case "RESET":
		return true
	case "SELECT":
		return (w.At(1) == "SET_CONFIG" || w.Starts("SELECT PG_CATALOG . SET_CONFIG")) &&
			!w.has("FROM") && !w.has(",")
	}
	return false
}

// KindOfTransaction finds the first statement that asks for a transaction of
// some kind: an isolation level, READ ONLY or DEFERRABLE.
func (s *Script) KindOfTransaction() (i int, ok bool) {
	i = slices.IndexFunc(s.Parsed.Statements, func(st script.Statement) bool {
		return SetsTransaction(&st) || controlOf(st.Words) == beginTx && hasModes(st.Words)
	})
	return i, i >= 0
}

// hasModes reports whether a BEGIN or START TRANSACTION has options.
func hasModes(w Words) bool {
	rest := w[1:]
	if rest.At(0) == "TRANSACTION" || rest.At(0) == "WORK" {
		rest = rest[1:]
	}
	return len(rest) > 0
}

// SetsTransaction reports whether the statement sets what the transaction is,
// which PostgreSQL wants done before any query of it.
func SetsTransaction(st *script.Statement) bool {
	w := Words(st.Words)
	if w.At(0) != "SET" {
		return false
	}
	name := w.At(1)
	if name == "LOCAL" || name == "SESSION" {
		name = w.At(2)
	}
	switch name {
	case "TRANSACTION", "TRANSACTION_ISOLATION", "TRANSACTION_READ_ONLY", "TRANSACTION_DEFERRABLE":
		return true
	}
	return false
}

// isName reports whether a word is an identifier or keyword and not a sign.
func isName(w string) bool {
	c := w[0]
	return c == '"' || c == '_' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// runsLate are the statements that may stand behind the first batch of a
// background file: they change rows, settings of the session, or what the server
// counts, and no schema. What a function or a DO block does is not read: a check that
// all rows are filled is one.
var runsLate = map[string]bool{
	"SELECT": true, "INSERT": true, "UPDATE": true, "DELETE": true, "MERGE": true, "WITH": true, "VALUES": true, "DO": true,
	"SET": true, "RESET": true, "VACUUM": true, "ANALYZE": true, "BEGIN": true, "START": true, "COMMIT": true, "END": true,
}
