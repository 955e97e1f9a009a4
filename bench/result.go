package main

import (
	"fmt"
	"time"
)

// A result is the answer to a scenario.
type result struct {
	scenario
	rows []row
}

// A row is what one tool showed in one scenario. If it failed, err says how,
// and it has no numbers.
type row struct {
	tool      string
	reference bool
	samples   []sample
	err       error
}

func (r row) walls() []time.Duration {
	var walls []time.Duration
	for _, s := range r.samples {
		walls = append(walls, s.wall)
	}
	return walls
}

func (r row) median() time.Duration { return median(r.walls()) }

func (r row) trips() int {
	var trips []int
	for _, s := range r.samples {
		trips = append(trips, s.trips)
	}
	return median(trips)
}

// maxRSS is the most of all runs, since a limit has to hold for each.
func (r row) maxRSS() int64 {
	var most int64
	for _, s := range r.samples {
		most = max(most, s.maxRSS)
	}
	return most
}

// split takes rung's row out of the others. It is nil where rung was left out.
func (res result) split() (rung *row, others []row) {
	for _, row := range res.rows {
		switch {
		case row.tool == "rung":
			rung = &row
		case !row.reference:
			others = append(others, row)
		}
	}
	return rung, others
}

// figure is the number that a scenario is about.
func (res result) figure(r row) string {
	text := seconds(r.median())
	if res.link {
		text += fmt.Sprintf(", %d trips", r.trips())
	}
	if block, ok := res.corpus.(*copyBlock); ok {
		text += ", " + rate(block.bytes, r.median())
		text += ", " + megabytes(r.maxRSS()) + " resident"
	}
	return text
}

func (res result) ratio(r row) string {
	rung, _ := res.split()
	if rung == nil || rung.err != nil {
		return ""
	}
	return times(r.median(), rung.median())
}
