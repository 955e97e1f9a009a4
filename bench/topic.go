package main

import (
	"fmt"
	"slices"
	"strings"
)

// quickRows are those of any topic with -quick.
const quickRows = 100_000

func topics() []topic {
	return []topic{
		{
			title: "Backfills", table: payments, rows: 10_000_000,
			trials: []trial{
				{"backfill", (*bench).backfill},
				{"linear", (*bench).linear},
				{"live", (*bench).live},
			},
		},
		{
			title: "Enum changes", table: tasks, rows: 2_000_000,
			trials: []trial{{"enum", (*bench).enum}},
		},
		{
			title: "An integer key becomes bigint", table: orders, rows: 2_000_000,
			trials: []trial{{"bigint", (*bench).bigint}},
		},
		{
			title: "Verify", table: bigTable{shape: "none: directories of SQL files, on sandboxes of rung's own"}, rows: 10,
			trials: []trial{{"verify", (*bench).verify}},
		},
		{
			title: "Many files", table: bigTable{shape: "none: directories of SQL files"}, rows: 10,
			trials: []trial{{"files", (*bench).manyFiles}},
		},
		{
			title: "Many databases", table: bigTable{shape: "none: schemas and databases, as many as each section says"}, rows: 10,
			trials: []trial{{"fleet", (*bench).fleet}},
		},
	}
}

// trialNames are those of all topics.
func trialNames() string {
	var names []string
	for _, t := range topics() {
		names = append(names, t.names())
	}
	return strings.Join(names, ", ")
}

// pickTrials parts the names of trials from those of scenarios. The topic has
// only the trials that are named; all of them must be of one, since a report is.
func pickTrials(names []string) (picked topic, rest []string, err error) {
	for _, name := range names {
		t, one, ok := findTrial(name)
		switch {
		case !ok:
			rest = append(rest, name)
			continue
		case picked.title != "" && picked.title != t.title:
			return picked, nil, fmt.Errorf("%s and %s have reports of their own: run one after the other", picked.names(), name)
		}
		t.trials = append(picked.trials, one)
		picked = t
	}
	return picked, rest, nil
}

func findTrial(name string) (topic, trial, bool) {
	for _, t := range topics() {
		i := slices.IndexFunc(t.trials, func(one trial) bool { return one.name == name })
		if i >= 0 {
			return t, t.trials[i], true
		}
	}
	return topic{}, trial{}, false
}

// rowsText says of -rows what it is if not given.
func rowsText() string {
	var all []string
	for _, t := range topics() {
		all = append(all, fmt.Sprintf("%d of %s", t.rows, t.table.name))
	}
	return fmt.Sprintf("%s unless given; %d with -quick", strings.Join(all, ", "), quickRows)
}
