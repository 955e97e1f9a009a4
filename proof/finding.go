package proof

import (
	"fmt"

	"rung/runner"
)

// Severity is how grave a finding is.
type Severity string

// The severities, the gravest first. An error is a statement that fails; danger
// stops reads or writes for as long as a large table takes, or loses data.
const (
	Error   Severity = "error"
	Danger  Severity = "danger"
	Warning Severity = "warning"
	Notice  Severity = "notice"
	Off     Severity = "off"
)

var severities = []Severity{Off, Notice, Warning, Danger, Error}

func (s Severity) rank() int {
	for i, other := range severities {
		if other == s {
			return i
		}
	}
	return -1
}

// atLeast reports whether it is as grave as another, or worse.
func (s Severity) atLeast(other Severity) bool { return s.rank() >= other.rank() }

// ParseSeverity reads one of the severities, off among them.
func ParseSeverity(text string) (Severity, error) {
	if s := Severity(text); s.rank() >= 0 {
		return s, nil
	}
	return "", fmt.Errorf("%q is not error, danger, warning, notice or off", text)
}

// FindingRecord is a kind of finding: what docs/findings.md says of it, and what
// its tests run.
type FindingRecord struct {
	ID       string
	Severity Severity
	// Weighs is true where the severity follows the size of the table.
	Weighs bool
	// Live is true where it is found in the rows of the live database alone.
	Live bool
	// UpOnly is true where a down file that has it only does what it is for.
	UpOnly bool
	// When is the condition, in a sentence; Why is what it means.
	When, Why string
	// Setup makes the tables of the examples. Defaults to findingSetup alone.
	Setup string
	// Bad has the finding; Good does the same without it.
	Bad, Good string
	// Safe is what to do, Template the command of rung that writes it, or "".
	Safe, Template string
}

// findingSetup makes the tables that the examples of the findings change.
const findingSetup = `CREATE TABLE users (id bigint PRIMARY KEY, name text, email varchar(50), age int, seen timestamptz, data jsonb);
CREATE INDEX users_email_idx ON users (email);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total int, note text);
CREATE INDEX orders_user_id_idx ON orders (user_id);`

// FindRecord looks a finding's record up by its id; nil if there is none.
func FindRecord(id string) *FindingRecord {
	for i := range findingRecords {
		if findingRecords[i].ID == id {
			return &findingRecords[i]
		}
	}
	return nil
}

// FindingIDs are all ids, in the order of the docs.
func FindingIDs() (ids []string) {
	for _, r := range findingRecords {
		ids = append(ids, r.ID)
	}
	return ids
}

// reverts reports whether a finding of a down file is what that file is for: to
// bring a name or a default back is no change that programs have to learn.
func (r *FindingRecord) reverts(d runner.Direction) bool {
	return d == runner.Down && r.UpOnly
}
