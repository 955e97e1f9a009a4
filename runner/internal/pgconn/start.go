package pgconn

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/lib/pq"

	"rung/internal/citus"
	"rung/internal/pgtext"
)

// Start are the settings that the connection asked for when it was opened, as
// the first read found them. To the server they are what RESET ALL goes back
// to; but through a pooler they were asked of the pooler, the server behind it
// has others, and RESET ALL would give the next file those: another
// client_encoding, another order of day and month.
type Start struct {
	Names  []string
	once   sync.Once // several calls on a Runner may read at a time
	values []string  // nil until they were read
	citus  atomic.Bool
	// Encoding is the database's own.
	Encoding string
	// Conforming is standard_conforming_strings.
	Conforming string
	// Version is the server's, as server_version_num has it; 0 until it was read.
	Version int
}

// perClient are the settings that PgBouncer keeps for each client: some always,
// some where its track_extra_parameters names them. All of them can be set in a
// session. No other of the URL's reaches a server through it.
var perClient = []string{"client_encoding", "DateStyle", "application_name", "TimeZone", "standard_conforming_strings", "IntervalStyle", "search_path"}

// AskedBy lists those that a connection asks for. The driver always asks for
// the first three.
func AskedBy(cfg pq.Config) *Start {
	s := &Start{Names: perClient[:3:3]}
	said := strings.ToLower(cfg.Options)
	for name := range cfg.Runtime {
		said += " " + strings.ToLower(name)
	}
	for _, name := range perClient[3:] {
		if strings.Contains(said, strings.ToLower(name)) {
			s.Names = append(s.Names, name)
		}
	}
	return s
}

// Note keeps what was read first. Later reads would find what a file's own
// RESET ALL has left.
func (s *Start) Note(values []string) {
	last := len(values) - 1
	s.citus.Store(values[last] == "true")
	s.once.Do(func() {
		s.Encoding, s.Conforming, s.values = values[0], values[1], values[3:last]
		s.Version, _ = strconv.Atoi(values[2])
	})
}

// Citus reports whether the database had Citus when it was last read.
func (s *Start) Citus() bool { return s.citus.Load() }

// Application is the name under which the server shows this runner's sessions.
func (s *Start) Application() string {
	i := slices.Index(s.Names, "application_name")
	if i >= len(s.values) {
		return ""
	}
	return s.values[i]
}

// Read is the column that reads them, behind what every session has, and whether the
// database has Citus.
func (s *Start) Read() string {
	var calls []string
	for _, name := range append([]string{"server_encoding", "standard_conforming_strings", "server_version_num"}, s.Names...) {
		calls = append(calls, "pg_catalog.current_setting("+pgtext.Literal(name)+")")
	}
	return "ARRAY[" + strings.Join(calls, ", ") + ", " + citus.Here + "::pg_catalog.text]"
}

// restore are the calls that set them again after a RESET ALL, none before they
// were read. A nil start restores nothing: psql's own session, of which nobody
// knows what it asked for.
func (s *Start) restore() (calls []string) {
	if s == nil {
		return nil
	}
	for i, v := range s.values {
		calls = append(calls, "pg_catalog.set_config("+pgtext.Literal(s.Names[i])+", "+pgtext.Literal(v)+", false)")
	}
	return calls
}

// More are those calls as further columns of a SELECT.
func (s *Start) More() string {
	return strings.Join(append([]string{""}, s.restore()...), ", ")
}

// Alone are those calls as a statement of their own, or nothing.
func (s *Start) Alone() string {
	calls := s.restore()
	if calls == nil {
		return ""
	}
	return "SELECT " + strings.Join(calls, ", ") + ";\n"
}

// originLimit is how long each of them, and a note, may be.
const originLimit = 1000

// Storable is a text as any database takes it, nil for none: it must not be what
// fails a migration. A database of another encoding than UTF-8 may lack a
// character, and no text of PostgreSQL's has a NUL.
func (s *Start) Storable(text string) any {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
	if s != nil && s.Encoding != "UTF8" {
		text = strings.Map(func(c rune) rune {
			if c >= utf8.RuneSelf {
				return '?'
			}
			return c
		}, text)
	}
	if r := []rune(text); len(r) > originLimit {
		text = string(r[:originLimit])
	}
	if text == "" {
		return nil
	}
	return text
}
