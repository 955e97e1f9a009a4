package plan

import "time"

// WorkPauses are those before another attempt at a background backfill. After the last
// one it has failed.
var WorkPauses = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}

// AfterAttempt decides what follows an attempt that has failed, the first being 1: it
// was the final one, or another is made after a pause. A row or a statement that is
// wrong will be so again: the batch was tried to the row already.
func AfterAttempt(attempt int, wrong bool, pauses []time.Duration) (final bool, pause time.Duration) {
	if wrong || attempt > len(pauses) {
		return true, 0
	}
	return false, pauses[attempt-1]
}

// MayPass reports whether a background backfill that ended in that SQLSTATE may
// succeed at another attempt of work without anybody's doing: it is neither the data
// (22), nor a constraint (23), nor the statement (42), nor an exception that a function
// raises (P0). See appendix A of PostgreSQL's manual. Whether a step or a batch is tried
// again within an attempt, exec.Session.MayPass says.
func MayPass(sqlState string) bool {
	if len(sqlState) < 2 {
		return true
	}
	switch sqlState[:2] {
	case "22", "23", "42", "P0":
		return false
	}
	return true
}
