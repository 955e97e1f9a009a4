package proof

import (
	"fmt"
	"strings"

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

// AtLeast reports whether it is as grave as another, or worse.
func (s Severity) AtLeast(other Severity) bool { return s.rank() >= other.rank() }

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
	for i := range FindingRecords {
		if FindingRecords[i].ID == id {
			return &FindingRecords[i]
		}
	}
	return nil
}

// FindingIDs are all ids, in the order of the docs.
func FindingIDs() (ids []string) {
	for _, r := range FindingRecords {
		ids = append(ids, r.ID)
	}
	return ids
}

// FindingsPage is docs/findings.md.
func FindingsPage() string {
	var b strings.Builder
	b.WriteString("# The findings of `rung review`\n\n")
	b.WriteString("<!-- Written from the records in proof/finding_*.go: go test ./proof -run TestFindingsPage -update -->\n\n")
	b.WriteString("What [`rung review`](review.md) may find, and what to do. A table that the pending files themselves make has none of these findings. ")
	b.WriteString("With live sizes (`--database-url`), those with *by size* are notices below 10,000 rows and 10 MB; above 1,000,000 rows, 1 GB or 100 writes a second a warning becomes a danger. ")
	b.WriteString("What is *off by default*, `--severity ID=notice` turns on.\n\n")
	b.WriteString("| id | severity | when |\n|---|---|---|\n")
	for _, r := range FindingRecords {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, r.ID, r.shown(), r.When)
	}
	for _, r := range FindingRecords {
		fmt.Fprintf(&b, "\n## %s\n\n%s: %s %s\n", r.ID, r.shown(), r.When, r.Why)
		fmt.Fprintf(&b, "\nInstead: %s\n", r.Safe)
		if r.Setup != "" {
			b.WriteString("\nGiven:\n\n```sql\n" + r.Setup + "\n```\n")
		}
		b.WriteString("\nFound in:\n\n```sql\n" + r.Bad + "\n```\n")
		b.WriteString("\nNot in:\n\n```sql\n" + r.Good + "\n```\n")
		if r.Template != "" {
			b.WriteString("\nWritten for you:\n\n```\n" + strings.NewReplacer("TABLE", "users", "COLUMN", "age").Replace(r.Template) + "\n```\n")
		}
	}
	return b.String()
}

func (r *FindingRecord) shown() string {
	if r.Severity == Off {
		return "off by default"
	}
	if r.Weighs {
		return string(r.Severity) + ", by size"
	}
	return string(r.Severity)
}

// reverts reports whether a finding of a down file is what that file is for: to
// bring a name or a default back is no change that programs have to learn.
func (r *FindingRecord) reverts(d runner.Direction) bool {
	return d == runner.Down && r.UpOnly
}
