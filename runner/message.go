package runner

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"rung/internal/script"
)

// message is what goes to the server as one simple query: bookkeeping and the
// file's statements. It remembers where each statement lies, since the server
// counts an error's position in characters of the whole message.
type message struct {
	b      strings.Builder
	chars  int
	pieces []piece
}

// piece is a statement's place in the message.
type piece struct {
	script    *Script
	statement int
	from, to  int // in characters, from the message's start
	end       int // of the semicolon that was added, if the file has none
}

// say adds bookkeeping.
func (m *message) say(sql string) {
	m.b.WriteString(sql)
	m.chars += utf8.RuneCountInString(sql)
}

// statement adds statement i of a script, byte for byte, and ends it if the
// file does not.
func (m *message) statement(s *Script, i int) {
	st := &s.Parsed.Statements[i]
	from := m.chars
	m.say(st.Text)
	to := m.chars
	if st.Terminated {
		m.say("\n")
	} else {
		m.say("\n;\n")
	}
	m.pieces = append(m.pieces, piece{s, i, from, to, m.chars})
}

// prepared adds what a PREPARE … AS takes: statement i without the comments
// above it and the semicolon behind it.
func (m *message) prepared(s *Script, i int) {
	st := &s.Parsed.Statements[i]
	from := m.chars - utf8.RuneCountInString(st.Text[:st.Lead])
	m.say(s.Bare(i))
	to := m.chars
	m.say("\n;\n")
	m.pieces = append(m.pieces, piece{s, i, from, to, m.chars})
}

// find maps a position of the server's, counted from 1, to the statement and
// its place in the file. Ok is false for a position in the bookkeeping.
func (m *message) find(position string) (p piece, place script.Pos, ok bool) {
	n, err := strconv.Atoi(position)
	if err != nil {
		return piece{}, script.Pos{}, false
	}
	for _, p := range m.pieces {
		if p.from < n && n <= p.end {
			st := &p.script.Parsed.Statements[p.statement]
			return p, walk(st.Start, st.Text, min(n-1, p.to)-p.from), true
		}
	}
	return piece{}, script.Pos{}, false
}

// inCharacters counts an error's positions anew: a SQL_ASCII database knows no
// characters, so there they are in bytes (mbutils.c, pg_mbstrlen_with_len).
func (m *message) inCharacters(p *pq.Error) {
	count := func(position *string, text string) {
		if n, err := strconv.Atoi(*position); err == nil && n > 0 && n <= len(text) {
			*position = strconv.Itoa(utf8.RuneCountInString(text[:n-1]) + 1)
		}
	}
	count(&p.Position, m.b.String())
	count(&p.InternalPosition, p.InternalQuery)
}

// walk moves a place on by a number of characters of the text.
func walk(at script.Pos, text string, chars int) script.Pos {
	for _, c := range text {
		if chars == 0 {
			break
		}
		chars--
		at.Col++
		if c == '\n' {
			at.Line, at.Col = at.Line+1, 1
		}
	}
	return at
}

// mark is a notice that tells, while the message runs, which statement comes
// next: it is how a runtime error, which has no position, is given its line.
// RAISE INFO reaches the client whatever client_min_messages says (elog.c,
// should_output_to_client).
func mark(nonce string, n int) string {
	return fmt.Sprintf("DO $rung$BEGIN RAISE INFO 'rung:%s:%d'; END$rung$;\n", nonce, n)
}

// markWithProcess is a mark that tells the server process too, behind a pooler
// the only way to know it.
func markWithProcess(nonce string, n int) string {
	return fmt.Sprintf("DO $rung$BEGIN RAISE INFO 'rung:%s:%d:%%', pg_catalog.pg_backend_pid(); END$rung$;\n", nonce, n)
}

// markWithClock is a mark that tells the server's time since the message came:
// under load notices arrive late, and several at a time. An interval is half as
// dear as a number made of it.
func markWithClock(nonce string, n int) string {
	return fmt.Sprintf("DO $rung$BEGIN RAISE INFO 'rung:%s:%d@%%', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp(); END$rung$;\n", nonce, n)
}

// readClock reads the time of such a mark, in whichever IntervalStyle the session
// has. Ok is false for a mark without.
func readClock(text string) (after time.Duration, ok bool) {
	_, clock, _ := strings.Cut(text, "@")
	if m := interval.FindStringSubmatch(clock); m != nil {
		clock = cmp.Or(m[1], "0") + "d" + m[2] + "h" + m[3] + "m" + m[4] + "s"
	}
	parts := intervalPart.FindAllStringSubmatch(strings.ToLower(clock), -1)
	for _, m := range parts {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, false
		}
		unit := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}[m[2]]
		after += time.Duration(math.Round(n * float64(unit)))
	}
	return after, len(parts) > 0
}

var (
	// interval is one in the styles postgres and sql_standard: 1 day 02:03:04.567.
	interval = regexp.MustCompile(`^(?:(\d+)(?: days?)? )?(\d+):(\d\d):(\d\d(?:\.\d+)?)$`)
	// intervalPart is a part in the others: 1 day 2 hours 3 mins 4.567 secs, P1DT2H3M4.567S.
	intervalPart = regexp.MustCompile(`(\d+(?:\.\d+)?) ?([dhms])`)
)

// readMark reads a mark; pid is 0 where it tells none. Ok is false for any other
// notice.
func readMark(nonce, text string) (n, pid int, ok bool) {
	rest, ok := strings.CutPrefix(text, "rung:"+nonce+":")
	if !ok {
		return 0, 0, false
	}
	rest, _, _ = strings.Cut(rest, "@")
	statement, process, told := strings.Cut(rest, ":")
	n, err := strconv.Atoi(statement)
	if err == nil && told {
		pid, err = strconv.Atoi(process)
	}
	return n, pid, err == nil
}
