package pgconn

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Mark is a notice that tells, while the message runs, which statement comes
// next: it is how a runtime error, which has no position, is given its line.
// RAISE INFO reaches the client whatever client_min_messages says (elog.c,
// should_output_to_client).
func Mark(nonce string, n int) string {
	return fmt.Sprintf("DO $rung$BEGIN RAISE INFO 'rung:%s:%d'; END$rung$;\n", nonce, n)
}

// MarkWithProcess is a mark that tells the server process too, behind a pooler
// the only way to know it.
func MarkWithProcess(nonce string, n int) string {
	return fmt.Sprintf("DO $rung$BEGIN RAISE INFO 'rung:%s:%d:%%', pg_catalog.pg_backend_pid(); END$rung$;\n", nonce, n)
}

// MarkWithClock is a mark that tells the server's time since the message came:
// under load notices arrive late, and several at a time. An interval is half as
// dear as a number made of it.
func MarkWithClock(nonce string, n int) string {
	return fmt.Sprintf("DO $rung$BEGIN RAISE INFO 'rung:%s:%d@%%', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp(); END$rung$;\n", nonce, n)
}

// ReadClock reads the time of such a mark, in whichever IntervalStyle the session
// has. Ok is false for a mark without.
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
	interval = regexp.MustCompile(`^(?:(\d+)(?: days?)? )?(\d+):(\d\d):(\d\d(?:\.\d+)?)$`)
	// intervalPart is a part in the others: 1 day 2 hours 3 mins 4.567 secs, P1DT2H3M4.567S.
	intervalPart = regexp.MustCompile(`(\d+(?:\.\d+)?) ?([dhms])`)
)

// ReadMark reads a mark; pid is 0 where it tells none. Ok is false for any other
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

// Marks of what is no statement of the file: the bookkeeping that comes first,
// and what comes after the statements, bookkeeping again and COMMIT.
const (
	MarkEnd    = -1
	MarkRecord = -2
)
