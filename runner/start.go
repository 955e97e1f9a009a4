package runner

import (
	"slices"
	"strings"
	"sync"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

// start are the settings that the connection asked for when it was opened, as
// the first read found them. To the server they are what RESET ALL goes back
// to; but through a pooler they were asked of the pooler, the server behind it
// has others, and RESET ALL would give the next file those: another
// client_encoding, another order of day and month.
type start struct {
	names  []string
	once   sync.Once // several calls on a Runner may read at a time
	values []string  // nil until they were read
	// encoding is the database's own.
	encoding string
	// conforming is standard_conforming_strings.
	conforming string
}

// perClient are the settings that PgBouncer keeps for each client: some always,
// some where its track_extra_parameters names them. All of them can be set in a
// session. No other of the URL's reaches a server through it.
var perClient = []string{"client_encoding", "DateStyle", "application_name", "TimeZone", "standard_conforming_strings", "IntervalStyle", "search_path"}

// askedBy lists those that a connection asks for. The driver always asks for
// the first three.
func askedBy(cfg pq.Config) *start {
	s := &start{names: perClient[:3:3]}
	said := strings.ToLower(cfg.Options)
	for name := range cfg.Runtime {
		said += " " + strings.ToLower(name)
	}
	for _, name := range perClient[3:] {
		if strings.Contains(said, strings.ToLower(name)) {
			s.names = append(s.names, name)
		}
	}
	return s
}

// note keeps what was read first. Later reads would find what a file's own
// RESET ALL has left.
func (s *start) note(values []string) {
	s.once.Do(func() { s.encoding, s.conforming, s.values = values[0], values[1], values[2:] })
}

// mustConform refuses sessions in which strings end elsewhere than where rung
// found them to.
func (s *start) mustConform() error {
	if s.conforming != "off" {
		return nil
	}
	return &Refusal{
		Reason: "standard_conforming_strings = off is not supported, and this session begins with it",
		Hint:   "add options=-c%20standard_conforming_strings=on to the database's URL, or reset the setting where it was made: ALTER ROLE, ALTER DATABASE or postgresql.conf",
	}
}

// application is the name under which the server shows this runner's sessions.
func (s *start) application() string {
	i := slices.Index(s.names, "application_name")
	if i >= len(s.values) {
		return ""
	}
	return s.values[i]
}

// read is the column that reads them, behind what every session has.
func (s *start) read() string {
	var calls []string
	for _, name := range append([]string{"server_encoding", "standard_conforming_strings"}, s.names...) {
		calls = append(calls, "pg_catalog.current_setting("+pgtext.Literal(name)+")")
	}
	return "ARRAY[" + strings.Join(calls, ", ") + "]"
}

// restore are the calls that set them again after a RESET ALL, none before they
// were read. A nil start restores nothing: psql's own session, of which nobody
// knows what it asked for.
func (s *start) restore() (calls []string) {
	if s == nil {
		return nil
	}
	for i, v := range s.values {
		calls = append(calls, "pg_catalog.set_config("+pgtext.Literal(s.names[i])+", "+pgtext.Literal(v)+", false)")
	}
	return calls
}

// more are those calls as further columns of a SELECT.
func (s *start) more() string {
	return strings.Join(append([]string{""}, s.restore()...), ", ")
}

// alone are those calls as a statement of their own, or nothing.
func (s *start) alone() string {
	calls := s.restore()
	if calls == nil {
		return ""
	}
	return "SELECT " + strings.Join(calls, ", ") + ";\n"
}
