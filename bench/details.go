package main

import (
	"fmt"
	"io"
	"slices"
)

// cell is a tool's place in the summary.
func (res result) cell(t tool) string {
	i := slices.IndexFunc(res.rows, func(r row) bool { return r.tool == t.name })
	switch {
	case i < 0:
		return "cannot"
	case res.rows[i].err != nil:
		return "**FAILED**"
	case t.name == "rung":
		return "**" + res.figure(res.rows[i]) + "**"
	}
	if ratio := res.ratio(res.rows[i]); ratio != "" {
		return res.figure(res.rows[i]) + " (" + ratio + ")"
	}
	return res.figure(res.rows[i])
}

// writeDetails shows all that was measured in one scenario.
func writeDetails(w io.Writer, res result) {
	fmt.Fprintf(w, "## %s\n\n", res.title)
	fmt.Fprint(w, "| tool | median | fastest | slowest | to rung | resident |")
	rule := "|---|--:|--:|--:|--:|--:|"
	if res.link {
		fmt.Fprint(w, " round trips |")
		rule += "--:|"
	}
	if res.copies {
		fmt.Fprint(w, " rate |")
		rule += "--:|"
	}
	fmt.Fprintf(w, "\n%s\n", rule)
	for _, r := range res.rows {
		writeDetail(w, res, r)
	}
	fmt.Fprintln(w)
}

func writeDetail(w io.Writer, res result, r row) {
	if r.err != nil {
		fmt.Fprintf(w, "| %s | **FAILED** |\n", r.tool)
		return
	}
	walls := r.walls()
	fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |", r.tool, seconds(r.median()),
		seconds(slices.Min(walls)), seconds(slices.Max(walls)), res.ratio(r), megabytes(r.maxRSS()))
	if res.link {
		fmt.Fprintf(w, " %d |", r.trips())
	}
	if block, ok := res.corpus.(*copyBlock); ok {
		fmt.Fprintf(w, " %s |", rate(block.bytes, r.median()))
	}
	fmt.Fprintln(w)
}
