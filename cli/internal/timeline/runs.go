package timeline

import (
	"slices"
	"strconv"
	"time"

	"rung/cli/internal/show"
	"rung/runner"
)

// run is what one rung did: the entries of the log that have its id.
type run struct {
	entries     []runner.LogEntry
	began, over time.Time
}

// runsOf are the runs in the order of their first entries.
func runsOf(log []runner.LogEntry) (all []*run) {
	byID := map[string]*run{}
	for _, e := range log {
		r := byID[e.Run]
		if r == nil {
			r = &run{began: e.At.Add(-e.Duration)}
			byID[e.Run] = r
			all = append(all, r)
		}
		r.entries = append(r.entries, e)
		r.over = e.At
	}
	return all
}

// class is the colour of the worst that happened.
func (r *run) class() string {
	for _, c := range []string{"failure", "down", "up"} {
		if slices.ContainsFunc(r.entries, func(e runner.LogEntry) bool { return class(e) == c }) {
			return c
		}
	}
	return "word"
}

// says is what a run did, in words.
func (r *run) says() string {
	n := map[string]int{}
	for _, e := range r.entries {
		n[class(e)]++
	}
	var parts []string
	for _, c := range [][2]string{{"up", "applied"}, {"down", "reverted"}, {"failure", "failed"}, {"word", "recorded"}} {
		if n[c[0]] > 0 {
			parts = append(parts, strconv.Itoa(n[c[0]])+" "+c[1])
		}
	}
	return joined(parts...)
}

// line is the time line: a dot for each run, from the first to the last.
type line struct {
	Says, From, To string
	Marks          []mark
}

type mark struct {
	Class, X, Says string
	Y, Height      int
}

func lineOf(runs []*run) (l line) {
	if len(runs) == 0 {
		return l
	}
	first, last := runs[0].began, runs[0].over
	for _, r := range runs {
		if r.began.Before(first) {
			first = r.began
		}
		if r.over.After(last) {
			last = r.over
		}
	}
	l.From, l.To = at(first), at(last)
	l.Says = show.Count(len(runs), "run") + " from " + l.From + " to " + l.To
	for _, r := range runs {
		m := mark{Class: r.class(), Y: 8, Height: 28, Says: at(r.began) + ": " + r.says()}
		if m.Class == "failure" {
			m.Y, m.Height = 2, 40
		}
		// 99: the last dot is within the line.
		m.X = percent(float64(r.began.Sub(first))*0.99, float64(last.Sub(first)))
		l.Marks = append(l.Marks, m)
	}
	return l
}

// runRows lists the runs, the newest first.
func runRows(in Input, runs []*run) (all []row, older string) {
	for i, r := range slices.Backward(runs) {
		if len(all) == mostRows {
			return measured(all), show.Count(i+1, "older run") + " are in the line and not in this list."
		}
		var busy time.Duration
		for _, e := range r.entries {
			busy += e.Duration
		}
		first, last := r.entries[0], r.entries[len(r.entries)-1]
		names := in.Title(first.Version, first.Name)
		if len(r.entries) > 1 {
			names += " to " + in.Title(last.Version, last.Name)
		}
		shown := row{
			What: at(r.began) + ": " + r.says(), Where: joined(first.Actor, first.OSUser, first.Host, first.Job),
			Note: joined(names, first.Note), Bar: bar{Class: r.class()}, took: busy,
		}
		if busy > 0 {
			shown.Took = show.Short(busy)
		}
		all = append(all, shown)
	}
	return measured(all), ""
}
