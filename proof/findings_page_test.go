package proof

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const findingsPage = "../docs/findings.md"

// findingsText is docs/findings.md.
func findingsText() string {
	var b strings.Builder
	b.WriteString("# The findings of `rung review`\n\n")
	b.WriteString("<!-- Written from the records in proof/finding_records*.go: go test ./proof -run TestFindingsPage -update -->\n\n")
	b.WriteString("What [`rung review`](review.md) may find, and what to do. A table that the pending files themselves create has none of these findings. ")
	b.WriteString("With live sizes (`--database-url`), those with *by size* are notices below 10,000 rows and 10 MB; above 1,000,000 rows, 1 GB or 100 writes a second a warning becomes a danger. ")
	b.WriteString("What is *off by default*, `--severity ID=notice` turns on.\n\n")
	b.WriteString("| id | severity | when |\n|---|---|---|\n")
	for _, r := range findingRecords {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, r.ID, r.shown(), r.When)
	}
	for _, r := range findingRecords {
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

// TestFindingsPage compares docs/findings.md with the records.
func TestFindingsPage(t *testing.T) {
	if *update {
		if err := os.WriteFile(findingsPage, []byte(findingsText()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(findingsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != findingsText() {
		t.Error("docs/findings.md is not what the records say: go test ./proof -run TestFindingsPage -update")
	}
}
