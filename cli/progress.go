package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"rung/runner"
)

// progressEvery is how often a sign of life is printed where nothing can be drawn.
const progressEvery = 10 * time.Second

// beat tells when the next sign of life is due. Whatever else is said is one too.
type beat struct{ said time.Time }

// due reports whether it is time, the first time that is asked only begins it.
func (b *beat) due() bool {
	if b.said.IsZero() {
		b.said = time.Now()
	}
	if time.Since(b.said) < progressEvery {
		return false
	}
	b.said = time.Now()
	return true
}

func (b *beat) heard() { b.said = time.Now() }

// isSign reports whether an event is only a sign of life: drawn on a terminal,
// and told of now and then elsewhere.
func isSign(e runner.Event) bool {
	switch e.(type) {
	case runner.BatchDone, runner.Working:
		return true
	}
	return false
}

// workingLine is what runs, on a line of that width.
func workingLine(e runner.Working, width int) string {
	took := clock(e.Took)
	if e.FileTook-e.Took >= time.Second {
		took += " of " + clock(e.FileTook)
	}
	step := ""
	if e.Steps > 1 {
		step = fmt.Sprintf("step %d of %d", e.Step, e.Steps)
	}
	place := placeText(e)
	return fitted(width, cutFront(place, max(width-uniseg.StringWidth(took)-2, width/2)), took, phaseText(e), step, e.Statement)
}

func placeText(e runner.Working) string {
	if e.Line == 0 {
		return e.File + " " + e.Part
	}
	return fmt.Sprintf("%s:%d", e.File, e.Line)
}

// phaseText is how far the build of an index is.
func phaseText(e runner.Working) string {
	if e.Phase == "" || e.PhaseTotal <= 0 {
		return e.Phase
	}
	return fmt.Sprintf("%s, %d %%", e.Phase, min(100*e.PhaseDone/e.PhaseTotal, 100))
}

// barText is a backfill on a line of that width: how far it is and how long it
// will take go before the file's whole name, the numbers and the bar.
func barText(e runner.BatchDone, width int) string {
	p := e.Progress
	percent, left := "", ""
	if p.Total > 0 {
		percent = fmt.Sprintf("%3d %%", min(100*p.Keys/p.Total, 100))
	}
	if eta := p.ETA(); eta > 0 {
		left = clock(eta) + " left"
	}
	numbers := []string{digits(p.Keys) + " of about " + digits(p.Total) + " rows"}
	if p.Rate > 0 {
		numbers = append(numbers, digits(int64(p.Rate))+" rows/s")
	}
	// The bar has leastCells at least, between brackets and behind a gap.
	const mostCells, leastCells, leastName, goodName, around = 40, 6, 10, 24, 4
	need := leastCells + around
	for _, part := range append(numbers, percent, left) {
		need += uniseg.StringWidth(part) + 2
	}
	for len(numbers) > 0 && min(uniseg.StringWidth(e.File), goodName)+need > width {
		last := numbers[len(numbers)-1]
		numbers, need = numbers[:len(numbers)-1], need-uniseg.StringWidth(last)-2
	}
	name := cutFront(e.File, max(leastName, width-need))
	bar := ""
	if cells := min(width-uniseg.StringWidth(name)-need+leastCells, mostCells); cells >= leastCells && p.Total > 0 {
		full := int(min(p.Keys*int64(cells)/p.Total, int64(cells)))
		bar = "[" + strings.Repeat("#", full) + strings.Repeat(".", cells-full) + "]"
	}
	return fitted(width, append([]string{name, bar, percent}, append(numbers, left)...)...)
}
