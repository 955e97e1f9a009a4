package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// What was promised, in issues 3 and 10.
const (
	rateTarget   = 1.0  // of the single UPDATE's rows per second, by one worker
	twoTarget    = 1.4  // the same, by two
	sizeTarget   = 0.65 // of its table's size
	linearTarget = 0.9  // of the rate on a tenth of the rows
)

// backfill asks how fast rung fills a column, and how much dead space it
// leaves, beside the UPDATE that does it in one go.
func (b *bench) backfill(ctx context.Context, opts options) ([]section, error) {
	courses := []course{
		{way: singleUpdate, rows: opts.rows},
		{way: defaults, rows: opts.rows},
		{way: twoWorkers, rows: opts.rows},
	}
	if err := b.fillAll(ctx, "backfill", courses); err != nil {
		return nil, err
	}
	return []section{backfillSection(courses)}, nil
}

func backfillSection(courses []course) section {
	single, one, two := courses[0], courses[1], courses[2]
	s := section{
		title: "Filling a column of " + rowCount(single.rows),
		head:  []string{"", "rows/s", "to the UPDATE", "median", "fastest", "slowest", "table after", "to the UPDATE's", "indexes after", "WAL"},
	}
	for _, c := range courses {
		s.lines = append(s.lines, backfillLine(c, single))
	}
	for _, c := range []course{one, two} {
		atLeast := rateTarget
		if c.name == two.name {
			atLeast = twoTarget
		}
		ratio := c.rate() / single.rate()
		s.promises = append(s.promises, promise{
			fmt.Sprintf("%s: at least %.2f of the UPDATE's rows per second", c.name, atLeast),
			ratio >= atLeast, ratioText(ratio),
		})
	}
	size := float64(one.median(tableOf)) / float64(single.median(tableOf))
	s.promises = append(s.promises, promise{
		fmt.Sprintf("%s: table at most %.2f of the UPDATE's", one.name, sizeTarget), size <= sizeTarget, ratioText(size),
	})
	return s
}

func backfillLine(c, single course) []string {
	var walls []time.Duration
	for _, f := range c.runs {
		walls = append(walls, f.wall)
	}
	return []string{
		c.name, rateText(c.rate()), ratioText(c.rate() / single.rate()),
		seconds(median(walls)), seconds(slices.Min(walls)), seconds(slices.Max(walls)),
		megabytes(c.median(tableOf)), ratioText(float64(c.median(tableOf)) / float64(single.median(tableOf))),
		megabytes(c.median(func(f filling) int64 { return f.indexes })),
		megabytes(c.median(func(f filling) int64 { return f.wal })),
	}
}

// linear asks whether rows cost the same in a table of ten times the size.
func (b *bench) linear(ctx context.Context, opts options) ([]section, error) {
	courses := []course{{way: defaults, rows: opts.rows / 10}, {way: defaults, rows: opts.rows}}
	if err := b.fillAll(ctx, "linear", courses); err != nil {
		return nil, err
	}
	return []section{linearSection(courses)}, nil
}

func linearSection(courses []course) section {
	small, big := courses[0], courses[1]
	s := section{
		title: fmt.Sprintf("%s and ten times as many", rowCount(small.rows)),
		head:  []string{"", "rows/s", "median", "table after"},
	}
	for _, c := range courses {
		s.lines = append(s.lines, []string{
			c.name + ", " + rowCount(c.rows), rateText(c.rate()), seconds(time.Duration(c.median(wallOf))), megabytes(c.median(tableOf)),
		})
	}
	ratio := big.rate() / small.rate()
	s.promises = []promise{{
		fmt.Sprintf("%s: on %s at least %.2f of the rows per second on %s", big.name, rowCount(big.rows), linearTarget, rowCount(small.rows)),
		ratio >= linearTarget, ratioText(ratio),
	}}
	return s
}

func ratioText(r float64) string { return fmt.Sprintf("%.2f", r) }

func rateText(perSecond float64) string { return fmt.Sprintf("%.0f k", perSecond/1000) }

// rowCount prints 10 M rows, or 100 k rows.
func rowCount(n int64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.4g M rows", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.4g k rows", float64(n)/1000)
	default:
		return fmt.Sprintf("%d rows", n)
	}
}
