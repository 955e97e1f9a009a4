// Package store is the history tables: their SQL, in sql/, their formats, and how
// they are read. Identifiers and literals are quoted by function, never by %s.
package store

import (
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
)

//go:embed sql
var Embedded embed.FS

// sqlFiles is where the SQL is read: a test adds a later form to it.
var Files fs.ReadFileFS = Embedded

// The embedded files are written with psql's own variables: :"x" is an
// identifier, :'x' a literal (NULL for nil), and :x on a line of its own a
// statement or nothing; :{x} is SQL that was put together before. An operator in
// brackets, (=), is PostgreSQL's own, OPERATOR(pg_catalog.=): so must all be
// written that run where the search_path is the file's.
var placeholder = lazyre.New(`:"(\w+)"|:'(\w+)'|:\{(\w+)\}|(?m:^:(\w+)\n)|\([-<>=~|]+\)`)

// Values are what a bookkeeping file's placeholders stand for: string, nil,
// int, or fragment.
type Values map[string]any

// Fragment is SQL that was rendered before, not a literal.
type Fragment string

// Book renders the bookkeeping SQL for one history schema and role, and for
// connections that start with those settings.
type Book struct {
	Schema, Role string
	// Scope is the schema that the versions are of; "" is the database itself.
	Scope string
	// Background is the version of the background backfill whose lock is meant; "" is
	// the migration lock.
	Background files.Version
	// Shared are the schemas that a scope's search_path has besides.
	Shared []string
	Start  *pgconn.Start
}

// sql renders the embedded file of that name.
func (b Book) SQL(name string, v Values) string {
	text, err := Files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // a name misspelt in this package
	}
	slots, rest := cutAtPlaceholders(string(text))
	values := make([]string, len(slots))
	for i, s := range slots {
		values[i] = b.value(name, s.key, v)
	}
	// $rung$ quotes the bodies of DO and of functions: no value may end one.
	own := strings.NewReplacer("$rung$", pgtext.DollarTag("rung", strings.Join(values, "\n")))
	var sb strings.Builder
	for i, s := range slots {
		sb.WriteString(own.Replace(s.before))
		sb.WriteString(values[i])
	}
	sb.WriteString(own.Replace(rest))
	return sb.String()
}

// expression is the embedded file of that name as a part of a line.
func (b Book) expression(name string, v Values) Fragment {
	return Fragment(strings.TrimSpace(b.SQL(name, v)))
}

// value is what a placeholder stands for.
func (b Book) value(name, key string, v Values) string {
	if strings.Trim(key, "-<>=~|") == "" {
		return "OPERATOR(pg_catalog." + key + ")"
	}
	switch key {
	case "schema":
		return pgtext.Ident(b.Schema)
	case "set_role":
		return b.SetRole()
	case "scope":
		return pgtext.Literal(b.Scope)
	case "schema_name":
		return pgtext.Literal(b.Schema)
	case "history_tables":
		return pgtext.Literal(historyTables().Array())
	case "foreign":
		return b.SQL("foreign", nil)
	case "trusted_path":
		return TrustedPath
	case "applied_view":
		return b.AppliedView(FormatOfTexts)
	case "applied_view_without_texts":
		return b.AppliedView(FormatOfScopes)
	case "start_settings":
		return b.Start.Read()
	case "digest":
		return b.SQL("digest", nil)
	case "and_restore":
		return b.Start.More()
	case "restore":
		return b.Start.Alone()
	}
	val, ok := v[key]
	if !ok {
		panic("runner: " + name + ".sql has no value for " + key)
	}
	return Literal(val)
}

// slot is a placeholder, and the text between it and the one before.
type slot struct{ before, key string }

// cuts remembers by its text where a file is cut: some are rendered for each
// migration.
var cuts sync.Map

type cutText struct {
	slots []slot
	rest  string
}

func cutAtPlaceholders(text string) (slots []slot, rest string) {
	if c, ok := cuts.Load(text); ok {
		return c.(cutText).slots, c.(cutText).rest
	}
	from := 0
	for _, m := range placeholder.FindAllStringIndex(text, -1) {
		slots = append(slots, slot{text[from:m[0]], strings.Trim(text[m[0]:m[1]], ":\"'{}()\n")})
		from = m[1]
	}
	cuts.Store(text, cutText{slots, text[from:]})
	return slots, text[from:]
}

// SetRole is the statement that takes --role on for the transaction, or "".
func (b Book) SetRole() string {
	if b.Role == "" {
		return ""
	}
	return "SET LOCAL ROLE " + pgtext.Role(b.Role) + ";\n"
}

// TrustedPath comes first in each transaction that holds no file's text: names,
// operators too, then mean PostgreSQL's own, whatever others have created in the
// schemas of the session's search_path. It ends with the transaction, and where
// none is open, with the message.
const TrustedPath = "SET LOCAL search_path = pg_catalog, pg_temp;\n"

// Begin opens a transaction of rung's own, which holds no file's text: mode is
// empty or what BEGIN takes.
func (b Book) Begin(mode string) string {
	return strings.TrimRight("BEGIN "+mode, " ") + ";\n" + TrustedPath + b.SetRole()
}

func Literal(val any) string {
	switch val := val.(type) {
	case nil:
		return "NULL"
	case Fragment:
		return string(val)
	case int:
		return strconv.Itoa(val)
	case int64:
		return strconv.FormatInt(val, 10)
	case files.Version:
		return pgtext.Literal(string(val))
	case string:
		return pgtext.Literal(val)
	case Key:
		return pgtext.Literal(val.Array())
	case *string:
		if val == nil {
			return "NULL"
		}
		return pgtext.Literal(*val)
	}
	panic(fmt.Sprintf("runner: no literal for %T", val))
}

// LockKey is the advisory lock of a history: one worker for each scope of it, and one
// for each background backfill.
func (b Book) LockKey() int64 {
	sum := sha256.Sum256([]byte("rung:" + b.Schema + b.lockSuffix()))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// SinceKey is the first half of the two-part lock beside it.
func (b Book) SinceKey() int { return int(uint64(b.LockKey()) >> 33) }

// FormatNow is the form of the history that this rung writes: the number of
// files under sql/format.
var FormatNow = func() int {
	files, err := fs.Glob(Files, "sql/format/*.sql")
	if err != nil {
		panic(err)
	}
	return len(files)
}()

// Upgrade is the SQL that takes the history's tables from a form (0: none) to
// this rung's.
func (b Book) Upgrade(from int) string {
	var sb strings.Builder
	for n := from + 1; n <= FormatNow; n++ {
		sb.WriteString(b.SQL(fmt.Sprintf("format/%03d", n), nil))
	}
	if from > 0 {
		sb.WriteString(b.SQL("upgrade_owner", Values{"migrations": pgtext.Ident(b.Schema) + ".migrations"}))
	}
	return sb.String()
}

// Operators is SQL for the operators of a type.
func (b Book) Operators(typ string) Fragment {
	return Fragment(b.SQL("key_operators", Values{"type": Fragment(typ)}))
}

// Create is the SQL that makes the schema, unless it is there, and the tables.
func (b Book) Create(schemaExists bool, from int) string {
	if schemaExists {
		return b.Upgrade(from)
	}
	return b.SQL("schema_create", nil) + b.Upgrade(from)
}
