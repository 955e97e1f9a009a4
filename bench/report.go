package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// A report is all that goes on paper. Nothing in it is measured here.
type report struct {
	options
	host
	date     string
	versions map[string]string
	refusals []refusal
	results  []result
}

// A paper is a report of either kind.
type paper interface {
	markdown() string
	failures() error // of tools, for which the report is not whole
}

// publish prints the report, and keeps it if it is whole: a file that the
// README quotes is not overwritten by a run in which a tool failed.
func publish(r paper, file string, stdout io.Writer) error {
	text := r.markdown()
	if _, err := io.WriteString(stdout, text); err != nil {
		return err
	}
	if err := r.failures(); err != nil {
		return err
	}
	if file == "" {
		return nil
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

func (r report) failures() error {
	var errs []error
	for _, res := range r.results {
		for _, row := range res.rows {
			if row.err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w", res.name, row.tool, row.err))
			}
		}
	}
	return errors.Join(errs...)
}

func (r report) markdown() string {
	var w strings.Builder
	fmt.Fprint(&w, "# Speed\n\n")
	r.writeHead(&w)
	r.writeSummary(&w)
	r.writeTargets(&w)
	for _, res := range r.results {
		writeDetails(&w, res)
	}
	r.writeFailures(&w)
	return w.String()
}

func (r report) writeHead(w io.Writer) {
	if r.quick {
		fmt.Fprint(w, "**A quick run: small sizes, few runs. It tests the bench; its numbers say nothing about speed.**\n\n")
	}
	fmt.Fprintf(w, "Written by `%s` on %s: the median of %d runs of each tool, which take turns, each run in a fresh database.\n\n",
		r.command, r.date, r.runs)
	fmt.Fprintf(w, "- Machine: %d cores, %s, %s; load average %s at the start\n", r.cores, r.cpu, r.system, r.load)
	fmt.Fprintf(w, "- PostgreSQL %s with fsync off%s; one round trip takes %s on loopback, %s over the link\n",
		r.postgres, r.files, r.direct, r.link)
	var versions []string
	for _, t := range r.tools {
		version := t.name + " " + r.versions[t.name]
		if t.reference {
			version += " (for comparison: it keeps no record)"
		}
		versions = append(versions, version)
	}
	fmt.Fprintf(w, "- Tools: %s\n", strings.Join(versions, ", "))
	for _, name := range r.without {
		fmt.Fprintf(w, "- Left out by request: %s\n", name)
	}
	fmt.Fprintln(w)
}

// writeSummary is the table for the README: a row for each scenario, a column
// for each runner.
func (r report) writeSummary(w io.Writer) {
	header, rule := "| |", "|---|"
	for _, t := range r.runners() {
		header, rule = header+" "+t.name+" |", rule+"--:|"
	}
	fmt.Fprintf(w, "%s\n%s\n", header, rule)
	for _, res := range r.results {
		fmt.Fprintf(w, "| %s |", res.title)
		for _, t := range r.runners() {
			fmt.Fprintf(w, " %s |", res.cell(t))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "\nIn brackets: the multiple of rung's median.\n")
	if len(r.refusals) > 0 {
		fmt.Fprint(w, "\n\"cannot\": given a COPY block of a few rows, they fail:\n\n")
	}
	for _, refused := range r.refusals {
		fmt.Fprintf(w, "- %s: `%s`\n", refused.tool, refused.message)
	}
	fmt.Fprintln(w)
}

func (r report) runners() []tool {
	var runners []tool
	for _, t := range r.tools {
		if !t.reference {
			runners = append(runners, t)
		}
	}
	return runners
}

// writeTargets says plainly what was promised and whether it was kept.
func (r report) writeTargets(w io.Writer) {
	fmt.Fprint(w, "| promised | | rung |\n|---|---|---|\n")
	for _, res := range r.results {
		fmt.Fprintf(w, "| %s | %s | %s |\n", res.title, res.target.promise, r.verdict(res))
	}
	fmt.Fprintln(w)
}

func (r report) verdict(res result) string {
	rung, others := res.split()
	switch {
	case rung == nil:
		return "not run"
	case rung.err != nil:
		return "**FAILED**"
	case r.quick:
		return "not judged by a quick run"
	case res.target.compares && (len(r.without) > 0 || anyFailed(others)):
		return "not judged: not all of the others ran"
	case res.target.met(*rung, others):
		return "met: " + res.figure(*rung)
	default:
		return "**missed**: " + res.figure(*rung)
	}
}

func anyFailed(rows []row) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return r.err != nil })
}

func (r report) writeFailures(w io.Writer) {
	if err := r.failures(); err != nil {
		fmt.Fprintf(w, "## Failed\n\n```\n%v\n```\n", err)
	}
}
