package timeline

import (
	"fmt"
	"strconv"
	"time"

	"rung/cli/internal/show"
	"rung/runner"
)

// plot is the rate of one backfill over its time: a column for each part, as wide as
// the part took and as high as its keys a second.
type plot struct {
	Title, Text, Says, From, To string
	// Columns are none where one part says no more than the text.
	Columns []column
}

// column is in percent of the plot.
type column struct{ Class, X, Y, Width, Height string }

func plotOf(in Input, r runner.BackfillRate) plot {
	began, ended := r.Parts[0].Began, r.Parts[len(r.Parts)-1].Ended
	p := plot{Title: fmt.Sprintf("%s, %s, step %d", in.Title(r.Version, ""), r.Direction, r.Step), From: at(began), To: at(ended)}
	var keys, rows int64
	var most float64
	batches, before := 0, began
	rates := make([]float64, len(r.Parts))
	for i, part := range r.Parts {
		keys, rows, batches = keys+part.Keys, rows+part.Rows, batches+part.Batches
		rates[i] = rate(part.Keys, part.Ended.Sub(before))
		most, before = max(most, rates[i]), part.Ended
	}
	took := ended.Sub(began)
	p.Text = fmt.Sprintf("%s walked in %s, %s changed, in %s", show.Things(keys, "key"), show.Things(int64(batches), "batch"), show.Things(rows, "row"), show.Short(took))
	if len(r.Parts) == 1 {
		return p
	}
	p.Text += fmt.Sprintf("; %s keys a second, at most %s", show.Digits(int64(rate(keys, took))), show.Digits(int64(most)))
	p.Says = p.Title + ": " + p.Text
	class := map[runner.Direction]string{runner.Up: "up", runner.Down: "down"}[r.Direction]
	before = began
	for i, part := range r.Parts {
		height := rates[i] * 98 / max(most, 1)
		p.Columns = append(p.Columns, column{
			Class: class, X: percent(float64(before.Sub(began)), float64(took)), Width: percent(float64(part.Ended.Sub(before)), float64(took)),
			Y: strconv.FormatFloat(100-height, 'f', 2, 64), Height: strconv.FormatFloat(height, 'f', 2, 64),
		})
		before = part.Ended
	}
	return p
}

// rate is in keys a second; what took no time that was measured took a microsecond.
func rate(keys int64, took time.Duration) float64 {
	return float64(keys) / max(took, time.Microsecond).Seconds()
}
