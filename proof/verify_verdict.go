package proof

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rung/runner"
)

// Verdict is what verify found of a version.
type Verdict string

// The verdicts, the gravest first. OK, Irreversible, Skipped and, unless
// somebody insists, NoDown are no failures.
const (
	UpFails        Verdict = "up fails"
	DownFails      Verdict = "down fails"
	DownLoses      Verdict = "down loses"
	DownLeaves     Verdict = "down leaves behind"
	DataDiffers    Verdict = "data differs"
	NotRepeatable  Verdict = "up is not repeatable"
	ColumnOrder    Verdict = "column order"
	NoDown         Verdict = "no down"
	Irreversible   Verdict = "irreversible"
	Skipped        Verdict = "skipped"
	OK             Verdict = "ok"
	verdictsFailed         = 7 // of gravity
)

var gravity = []Verdict{UpFails, DownFails, DownLoses, DownLeaves, DataDiffers, NotRepeatable, ColumnOrder, NoDown, Irreversible, Skipped, OK}

// Failed reports whether the verdict is one of a migration that does not hold.
func (v Verdict) Failed() bool { return slices.Index(gravity, v) < verdictsFailed }

// Finding is one thing that is not as it should be, or a notice.
type Finding struct {
	Verdict Verdict `json:"verdict"`
	// Notice is true for what is said and is no failure.
	Notice bool `json:"notice"`
	// What names it: "index public.t_s", "default of public.t.s".
	What string `json:"what"`
	// Old and New are what it was and what it is, or "".
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// File, Line and SQLState are of a statement that failed.
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	SQLState string `json:"sqlstate,omitempty"`
}

// String is the finding on one line.
func (f Finding) String() string {
	if f.Notice {
		return f.What
	}
	return string(f.Verdict) + ": " + f.What
}

// VersionResult is what verify found of one version.
type VersionResult struct {
	Version  runner.Version
	Name     string
	Title    string // as the file's name has it
	File     string // its up file, or its down file where it has no other
	Verdict  Verdict
	Reason   string // of Irreversible, NoDown and Skipped
	Findings []Finding
	// Dump is the difference of two pg_dumps around the down, where it was asked for.
	Dump string
	Took time.Duration
}

// settle chooses the verdict: that of the gravest finding.
func (v *VersionResult) settle() {
	slices.SortStableFunc(v.Findings, func(a, b Finding) int {
		return slices.Index(gravity, a.Verdict) - slices.Index(gravity, b.Verdict)
	})
	for _, f := range v.Findings {
		if !f.Notice && slices.Index(gravity, f.Verdict) < slices.Index(gravity, v.Verdict) {
			v.Verdict = f.Verdict
		}
	}
}

// VerifyReport is the result of a verify.
type VerifyReport struct {
	// Server is what it ran on: "PostgreSQL 15.20".
	Server   string
	Versions []VersionResult
	// Notes say what was done beside the migrations, and what was left out.
	Notes []string
	// Failure is the error of an up that stopped the walk, or nil.
	Failure error
	Took    time.Duration
}

// Failed counts the versions that do not hold; strict counts those without a
// down migration too.
func (r *VerifyReport) Failed(strict bool) (n int) {
	for _, v := range r.Versions {
		if v.Verdict.Failed() || strict && v.Verdict == NoDown {
			n++
		}
	}
	return n
}

// summary is the report's last line: how many of what.
func (r *VerifyReport) summary() string {
	var parts []string
	verified := 0
	for _, verdict := range slices.Backward(gravity) {
		n := 0
		for _, v := range r.Versions {
			if v.Verdict == verdict {
				n++
			}
		}
		if n == 0 {
			continue
		}
		if verdict != Skipped {
			verified += n
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, verdict))
	}
	noun := "versions"
	if verified == 1 {
		noun = "version"
	}
	return fmt.Sprintf("verified %d %s on %s: %s", verified, noun, r.Server, strings.Join(parts, ", "))
}
