package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// A trialReport is all that goes on paper of the trials.
type trialReport struct {
	options
	host
	date     string
	versions map[string]binary
	sections []section

	took      time.Duration
	loadAfter string // of the machine: much more than 2 is other work
}

func (r trialReport) markdown() string {
	var w strings.Builder
	fmt.Fprintf(&w, "# %s\n\n", r.topic.title)
	r.writeHead(&w)
	r.writePromises(&w)
	for _, s := range r.sections {
		s.write(&w)
	}
	return w.String()
}

// failures there are none: a way that fails ends the bench.
func (r trialReport) failures() error { return nil }

func (r trialReport) writeHead(w io.Writer) {
	if r.quick {
		fmt.Fprint(w, "**A quick run: few rows. It tests the bench; its numbers say nothing about speed.**\n\n")
	}
	on := ""
	if r.topic.table.name != "" {
		on = ", each on a fresh copy of the table after a checkpoint"
	}
	fmt.Fprintf(w, "Written by `%s` on %s in %s: %s of each way, which take turns%s.\n\n", r.command, r.date, r.took.Round(time.Second), runsText(r.runs), on)
	fmt.Fprintf(w, "- Machine: %d cores, %s, %s; load average %s at the start and %s at the end\n",
		r.cores, r.cpu, r.system, r.load, r.loadAfter)
	var settings []string
	for _, name := range slices.Sorted(maps.Keys(trialSettings)) {
		settings = append(settings, name+" "+trialSettings[name])
	}
	fmt.Fprintf(w, "- PostgreSQL %s with %s; **fsync off**, so no commit waits for a disk\n", r.postgres, strings.Join(settings, ", "))
	fmt.Fprintf(w, "- rung %s, psql %s, pgbench %s\n",
		r.versions["rung"].version, r.versions["psql"].version, r.versions["pgbench"].version)
	fmt.Fprintf(w, "- Table: %s\n\n", r.topic.table.shape)
}

func runsText(n int) string {
	if n == 1 {
		return "one run"
	}
	return fmt.Sprintf("medians of %d runs", n)
}

// writePromises says plainly what was promised and whether it was kept.
func (r trialReport) writePromises(w io.Writer) {
	fmt.Fprint(w, "| promised | |\n|---|---|\n")
	for _, s := range r.sections {
		for _, p := range s.promises {
			fmt.Fprintf(w, "| %s | %s |\n", p.what, r.verdict(p))
		}
	}
	fmt.Fprintln(w)
}

func (r trialReport) verdict(p promise) string {
	switch {
	case r.quick:
		return "not judged by a quick run"
	case p.met:
		return "met: " + p.figure
	default:
		return "**missed**: " + p.figure
	}
}

func (s section) write(w io.Writer) {
	fmt.Fprintf(w, "## %s\n\n", s.title)
	if s.note != "" {
		fmt.Fprintf(w, "%s\n\n", s.note)
	}
	fmt.Fprintf(w, "| %s |\n|---%s|\n", strings.Join(s.head, " | "), strings.Repeat("|--:", len(s.head)-1))
	for _, line := range s.lines {
		fmt.Fprintf(w, "| %s |\n", strings.Join(line, " | "))
	}
	fmt.Fprintln(w)
}
