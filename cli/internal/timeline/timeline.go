// Package timeline draws a page of what ran on a database, and how long it took.
package timeline

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rung/cli/internal/show"
	"rung/internal/page"
	"rung/internal/secret"
	"rung/runner"
)

//go:embed timeline.css
var style string

//go:embed timeline.html
var text string

var tmpl = page.Parse(text)

// Input is what to draw.
type Input struct {
	// About says of which database it is, and when.
	About string
	Log   []runner.LogEntry // the oldest first
	Rates []runner.BackfillRate
	// Title is a version with the name of an entry, or with its last one for "", as its
	// file's name has it.
	Title func(v runner.Version, name string) string
}

// mostRows is how many runs and how many files are listed.
const mostRows = 60

// sheet is what the template shows, which escapes it.
type sheet struct {
	Frame       page.Frame
	About       string
	Counts      []counted
	Line        line
	Runs        []row
	OlderRuns   string
	Failed      []row
	Files       []row
	FasterFiles string
	Plots       []plot
}

type counted struct{ Class, Text string }

// row is one line of a list, with its bar.
type row struct {
	What, Where, Took, Note string
	Bar                     bar

	took time.Duration
}

type bar struct{ Says, Class, Width string }

// HTML is the page: it loads nothing and runs no script.
func HTML(in Input) ([]byte, error) {
	s := sheet{Frame: page.New("rung history: "+in.About, style), About: in.About, Counts: counts(in.Log)}
	runs := runsOf(in.Log)
	s.Line = lineOf(runs)
	s.Runs, s.OlderRuns = runRows(in, runs)
	s.Failed = failures(in)
	s.Files, s.FasterFiles = files(in)
	for _, r := range in.Rates {
		s.Plots = append(s.Plots, plotOf(in, r))
	}
	var out bytes.Buffer
	if err := tmpl().Execute(&out, s); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return out.Bytes(), nil
}

// class is the colour of an entry.
func class(e runner.LogEntry) string {
	switch {
	case e.Failure != nil:
		return "failure"
	case e.Action == "up":
		return "up"
	case e.Action == "down":
		return "down"
	}
	return "word"
}

func counts(log []runner.LogEntry) (all []counted) {
	n := map[string]int{}
	for _, e := range log {
		n[class(e)]++
	}
	for _, c := range []struct{ class, colour, text string }{{"up", "notice", "applied"}, {"down", "warning", "reverted"}, {"failure", "danger", "failed"}, {"word", "quiet", "recorded"}} {
		if n[c.class] > 0 {
			all = append(all, counted{c.colour, strconv.Itoa(n[c.class]) + " " + c.text})
		}
	}
	if len(all) == 0 {
		all = append(all, counted{"quiet", "nothing has run yet"})
	}
	return all
}

func failures(in Input) (all []row) {
	for _, e := range slices.Backward(in.Log) {
		if e.Failure != nil && len(all) < mostRows {
			all = append(all, row{What: in.Title(e.Version, e.Name), Where: at(e.At) + " by " + e.Actor, Note: secret.Mask(e.Failure.String())})
		}
	}
	return all
}

// files are those that took longest when they were last applied.
func files(in Input) (all []row, rest string) {
	seen := map[runner.Version]bool{}
	for _, e := range slices.Backward(in.Log) {
		if e.Action != "up" || e.Failure != nil || e.Duration <= 0 || seen[e.Version] {
			continue
		}
		seen[e.Version] = true
		all = append(all, row{What: in.Title(e.Version, e.Name), Where: at(e.At), Took: show.Short(e.Duration), Bar: bar{Class: "up"}, took: e.Duration})
	}
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(b.took, a.took) })
	if n := len(all); n > mostRows {
		rest = show.Count(n-mostRows, "file") + " that took less are left out."
		all = all[:mostRows]
	}
	return measured(all), rest
}

// measured gives rows their bars, the longest the whole width.
func measured(all []row) []row {
	var most time.Duration
	for _, r := range all {
		most = max(most, r.took)
	}
	for i, r := range all {
		all[i].Bar.Says = r.What + ": " + cmp.Or(r.Took, "not measured")
		all[i].Bar.Width = percent(float64(r.took), float64(most))
	}
	return all
}

func percent(part, of float64) string {
	if of <= 0 {
		return "0"
	}
	return strconv.FormatFloat(part*100/of, 'f', 2, 64)
}

func at(t time.Time) string { return t.Local().Format(show.TimeLayout) }

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
