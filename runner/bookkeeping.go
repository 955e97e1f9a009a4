package runner

import (
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"rung/internal/pgtext"
	"rung/runner/internal/pgconn"
)

//go:embed sql
var embedded embed.FS

// sqlFiles is where the SQL is read: a test adds a later form to it.
var sqlFiles fs.ReadFileFS = embedded

// The embedded files are written with psql's own variables: :"x" is an
// identifier, :'x' a literal (NULL for nil), and :x on a line of its own a
// statement or nothing; :{x} is SQL that was put together before. An operator in
// brackets, (=), is PostgreSQL's own, OPERATOR(pg_catalog.=): so must all be
// written that run where the search_path is the file's.
var placeholder = regexp.MustCompile(`:"(\w+)"|:'(\w+)'|:\{(\w+)\}|(?m:^:(\w+)\n)|\([-<>=~|]+\)`)

// values are what a bookkeeping file's placeholders stand for: string, nil,
// int, or fragment.
type values map[string]any

// fragment is SQL that was rendered before, not a literal.
type fragment string

// book renders the bookkeeping SQL for one history schema and role, and for
// connections that start with those settings.
type book struct {
	schema, role string
	start        *pgconn.Start
}

// sql renders the embedded file of that name.
func (b book) sql(name string, v values) string {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // a name misspelt in this package
	}
	var sb strings.Builder
	slots, rest := cutAtPlaceholders(string(text))
	for _, s := range slots {
		sb.WriteString(s.before)
		sb.WriteString(b.value(name, s.key, v))
	}
	sb.WriteString(rest)
	return sb.String()
}

// value is what a placeholder stands for.
func (b book) value(name, key string, v values) string {
	if strings.Trim(key, "-<>=~|") == "" {
		return "OPERATOR(pg_catalog." + key + ")"
	}
	switch key {
	case "schema":
		return pgtext.Ident(b.schema)
	case "set_role":
		return b.setRole()
	case "scope":
		return literal(databaseScope)
	case "schema_name":
		return pgtext.Literal(b.schema)
	case "history_tables":
		return pgtext.Literal(historyTables().array())
	case "foreign":
		return b.sql("foreign", nil)
	case "trusted_path":
		return trustedPath
	case "columns_there":
		return b.countColumns()
	case "applied_view":
		return b.sql("applied_view", nil)
	case "start_settings":
		return b.start.Read()
	case "and_restore":
		return b.start.More()
	case "restore":
		return b.start.Alone()
	}
	val, ok := v[key]
	if !ok {
		panic("runner: " + name + ".sql has no value for " + key)
	}
	return literal(val)
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

// setRole is the statement that takes --role on for the transaction, or "".
func (b book) setRole() string {
	if b.role == "" {
		return ""
	}
	return "SET LOCAL ROLE " + pgtext.Role(b.role) + ";\n"
}

// trustedPath comes first in each transaction that holds no file's text: names,
// operators too, then mean PostgreSQL's own, whatever others have created in the
// schemas of the session's search_path. It ends with the transaction, and where
// none is open, with the message.
const trustedPath = "SET LOCAL search_path = pg_catalog, pg_temp;\n"

// databaseScope is the scope of what is applied to the database itself. The
// history may hold that of schemas too, which is none of this database's versions.
const databaseScope = ""

// begin opens a transaction of rung's own, which holds no file's text: mode is
// empty or what BEGIN takes.
func (b book) begin(mode string) string {
	return strings.TrimRight("BEGIN "+mode, " ") + ";\n" + trustedPath + b.setRole()
}

func literal(val any) string {
	switch val := val.(type) {
	case nil:
		return "NULL"
	case fragment:
		return string(val)
	case int:
		return strconv.Itoa(val)
	case int64:
		return strconv.FormatInt(val, 10)
	case Version:
		return pgtext.Literal(string(val))
	case string:
		return pgtext.Literal(val)
	case key:
		return pgtext.Literal(val.array())
	case *string:
		if val == nil {
			return "NULL"
		}
		return pgtext.Literal(*val)
	}
	panic(fmt.Sprintf("runner: no literal for %T", val))
}

// lockKey is the advisory lock of a history schema: one worker for each record.
func (b book) lockKey() int64 {
	sum := sha256.Sum256([]byte("rung:" + b.schema))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// sinceKey is the first half of the two-part lock beside it.
func (b book) sinceKey() int { return int(uint64(b.lockKey()) >> 33) }

// formatNow is the form of the history that this rung writes: the number of
// files under sql/format.
var formatNow = func() int {
	files, err := fs.Glob(sqlFiles, "sql/format/*.sql")
	if err != nil {
		panic(err)
	}
	return len(files)
}()

// upgrade is the SQL that takes the history's tables from a form (0: none) to
// this rung's.
func (b book) upgrade(from int) string {
	var sb strings.Builder
	for n := from + 1; n <= formatNow; n++ {
		sb.WriteString(b.sql(fmt.Sprintf("format/%03d", n), nil))
	}
	return sb.String()
}
