package pgconn

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"rung/internal/lazyre"
)

// Mark writes a progress notice: it tells, while the message runs, which statement
// comes next. It is how a runtime error, which has no position, is given its line.
// RAISE INFO reaches the client whatever client_min_messages says (elog.c,
// should_output_to_client).
func Mark(nonce string, n int) string {
	return fmt.Sprintf("DO $rung$BEGIN RAISE INFO 'rung:%s:%d'; END$rung$;\n", nonce, n)
}

// MarkWithProcess is one that tells the server process too, behind a pooler
// the only way to know it.
func MarkWithProcess(nonce string, n int) string {
	return fmt.Sprintf("DO $rung$BEGIN RAISE INFO 'rung:%s:%d:%%', pg_catalog.pg_backend_pid(); END$rung$;\n", nonce, n)
}

// markColumn is the name by which a result is known for a silent progress notice.
const markColumn = "rung_mark"

// SilentMark writes a progress notice that comes as a result, which the server sends with the
// next notice or error, with a full buffer, or at the end of the message. A notice
// goes out at once and wakes the client, each time. ExecHearing hears it.
func SilentMark(nonce string, n int) string {
	return fmt.Sprintf("SELECT 'rung:%s:%d' AS %s;\n", nonce, n, markColumn)
}

// SilentMarkWithClock tells the server's time since the message came, too: under
// load they arrive late, and several at a time. An interval is half as dear as a
// number made of it.
func SilentMarkWithClock(nonce string, n int) string {
	return fmt.Sprintf("SELECT 'rung:%s:%d@' AS %s, pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp();\n", nonce, n, markColumn)
}

// ExecHearing is Exec for a message with silent progress notices, which it hands on. Other
// results are passed over as they are: what the driver makes of a value is no
// matter of the run.
func (s *Session) ExecHearing(ctx context.Context, message string, hear func(mark string)) error {
	defer s.Guard(ctx)()
	return s.Raw(func(c driver.Conn) error {
		rows, err := c.(driver.QueryerContext).QueryContext(ctx, message, nil)
		if err != nil {
			return err
		}
		if err := hearMarks(rows, hear); err != nil {
			_ = rows.Close() // what it could say is said
			return err
		}
		return rows.Close()
	})
}

// hearMarks reads all results.
func hearMarks(rows driver.Rows, hear func(mark string)) error {
	next := rows.(driver.RowsNextResultSet) //nolint:errcheck // the driver's are
	for {
		var mark []driver.Value // room for none of another result's values
		if names := rows.Columns(); len(names) > 0 && names[0] == markColumn {
			mark = make([]driver.Value, len(names))
		}
		err := rows.Next(mark)
		for ; err == nil; err = rows.Next(mark) {
			if mark != nil {
				hear(textOf(mark))
			}
		}
		switch {
		case err != io.EOF: //nolint:errorlint // the driver's own contract
			return err
		case !next.HasNextResultSet():
			return nil
		}
		if err := next.NextResultSet(); err != nil {
			return err
		}
	}
}

// textOf is a row's values, one behind the other.
func textOf(row []driver.Value) string {
	var text strings.Builder
	for _, v := range row {
		fmt.Fprintf(&text, "%s", v)
	}
	return text.String()
}

// ReadClock reads the time of such a notice, in whichever IntervalStyle the session
// has. Ok is false for one without.
func ReadClock(text string) (after time.Duration, ok bool) {
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
	interval = lazyre.New(`^(?:(\d+)(?: days?)? )?(\d+):(\d\d):(\d\d(?:\.\d+)?)$`)
	// intervalPart is a part in the others: 1 day 2 hours 3 mins 4.567 secs, P1DT2H3M4.567S.
	intervalPart = lazyre.New(`(\d+(?:\.\d+)?) ?([dhms])`)
)

// ReadMark reads a progress notice; pid is 0 where it tells none. Ok is false for any other
// notice.
func ReadMark(nonce, text string) (n, pid int, ok bool) {
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

// The numbers of progress notices for what is no statement of the file: the bookkeeping that comes first,
// and what comes after the statements, bookkeeping again and COMMIT.
const (
	MarkEnd    = -1
	MarkRecord = -2
)
