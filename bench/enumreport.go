package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What was promised, in issue 4.
const (
	renameTarget = 50 * time.Millisecond
	swapTarget   = 1.0 / 3 // of the helper's time
	onlineTarget = 300 * time.Millisecond
)

// enumCosts says what each way took and what it left.
func enumCosts(courses []enumCourse, fresh extent) section {
	helper := median(courseOf(courses, byHelper).walls())
	s := section{
		title: "What a change costs",
		note:  enumNote(courses, fresh),
		head:  []string{"", "median", "to the helper's", "fastest", "slowest", "table after", "indexes after", "other tables", "WAL"},
	}
	for _, c := range courses {
		if c.tool == "" {
			continue
		}
		s.lines = append(s.lines, []string{
			c.name, seconds(median(c.walls())), shareText(median(c.walls()), helper),
			seconds(slices.Min(c.walls())), seconds(slices.Max(c.walls())),
			megabytes(c.median(func(r enumRun) int64 { return r.table })),
			megabytes(c.median(func(r enumRun) int64 { return r.indexes })),
			megabytes(c.median(func(r enumRun) int64 { return r.beside })),
			megabytes(c.median(func(r enumRun) int64 { return r.wal })),
		})
	}
	rename, swap := median(courseOf(courses, byRename).walls()), median(courseOf(courses, bySwap).walls())
	s.promises = []promise{
		{fmt.Sprintf("%s: under %s", byRename.name, seconds(renameTarget)), rename < renameTarget, seconds(rename)},
		{
			fmt.Sprintf("%s: at most a third of the helper's time", bySwap.name),
			float64(swap) <= swapTarget*float64(helper), shareText(swap, helper),
		},
	}
	return s
}

// enumNote says what the ways do, and what the figures hold that is not theirs.
func enumNote(courses []enumCourse, fresh extent) string {
	var w strings.Builder
	fmt.Fprint(&w, "pgbench is at work meanwhile. The time is that of the whole process that applies the files.\n\n")
	for _, c := range courses {
		if c.tool == "" {
			continue
		}
		fmt.Fprintf(&w, "- %s: `%s`", c.name, c.moves)
		if c.keeps {
			fmt.Fprint(&w, "; the value stays in the type, unused")
		} else {
			fmt.Fprintf(&w, "; then the values are %s", strings.Join(list(c.values), ", "))
		}
		fmt.Fprintln(&w)
	}
	fmt.Fprintf(&w, "\nBefore, the table has %s and its indexes %s. ", megabytes(fresh.table), megabytes(fresh.indexes))
	calm := courseOf(courses, nothing)
	perMinute := float64(calm.median(func(r enumRun) int64 { return r.wal })) * 60 / median(calm.walls()).Seconds()
	fmt.Fprintf(&w, "The WAL is all of the server's, that of pgbench too: beside nothing %s a minute. "+
		"Other tables keep what the way back needs.", megabytes(int64(perMinute)))
	return w.String()
}

// enumStalls says what the users of the table met.
func enumStalls(courses []enumCourse) section {
	s := section{
		title: "What the table's users meet",
		note: loadNote() + fmt.Sprintf(" All runs together; the locks are medians of the runs, looked for every %d ms.",
			glanceEvery.Milliseconds()),
		head: []string{
			"beside", "under ACCESS EXCLUSIVE", "longest", "transactions", "median", "99 %", "99.9 %", "worst", "clients waiting for a lock",
		},
	}
	for _, c := range courses {
		all, waits := c.met()
		s.lines = append(s.lines, []string{
			c.name,
			holdText(c.median(func(r enumRun) int64 { return int64(r.held.total) })),
			holdText(c.median(func(r enumRun) int64 { return int64(r.held.longest) })),
			fmt.Sprint(len(all)), seconds(percentile(all, 0.5)), seconds(percentile(all, 0.99)),
			seconds(percentile(all, 0.999)), seconds(percentile(all, 1)), percent(waits.share()),
		})
	}
	all, _ := courseOf(courses, byOnline).met()
	worst := percentile(all, 1)
	s.promises = []promise{{
		fmt.Sprintf("%s beside live load: no transaction takes %s", byOnline.name, seconds(onlineTarget)), worst < onlineTarget, seconds(worst),
	}}
	return s
}

func holdText(d int64) string {
	if d == 0 {
		return "none seen"
	}
	return seconds(time.Duration(d))
}

// shareText prints how much of b's time a takes, in two figures.
func shareText(a, b time.Duration) string {
	return fmt.Sprintf("%.2g", float64(a)/float64(b))
}

func courseOf(courses []enumCourse, w enumWay) enumCourse {
	i := slices.IndexFunc(courses, func(c enumCourse) bool { return c.name == w.name })
	return courses[i]
}
