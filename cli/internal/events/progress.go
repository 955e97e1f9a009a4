package events

import (
	"fmt"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"rung/cli/internal/show"
	"rung/runner"
)

// progressEvery is how often a sign of life is printed where nothing can be drawn.
const progressEvery = 10 * time.Second

// Beat tells when the next sign of life is due. Whatever else is said is one too.
type Beat struct{ said time.Time }

// Due reports whether it is time, the first time that is asked only begins it.
func (b *Beat) Due() bool {
	if b.said.IsZero() {
		b.said = time.Now()
	}
	if time.Since(b.said) < progressEvery {
		return false
	}
	b.said = time.Now()
	return true
}

// Heard notes that something was said.
func (b *Beat) Heard() { b.said = time.Now() }

// IsSign reports whether an event is only a sign of life: drawn on a terminal,
// and told of now and then elsewhere.
func IsSign(e runner.Event) bool {
	switch e.(type) {
	case runner.BatchDone, runner.Working:
		return true
	}
	return false
}

// WorkingLine is what runs, on a line of that width.
func WorkingLine(e runner.Working, width int) string {
	took := show.Clock(e.Took)
	if e.FileTook-e.Took >= time.Second {
		took += " of " + show.Clock(e.FileTook)
	}
	step := ""
	if e.Steps > 1 {
		step = fmt.Sprintf("step %d of %d", e.Step, e.Steps)
	}
	place := placeText(e)
	return show.Fitted(width, show.CutFront(place, max(width-uniseg.StringWidth(took)-2, width/2)), took, phaseText(e), step, e.Statement)
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

// Bar is a backfill on a line of that width: how far it is and how long it
// will take go before the file's whole name, the numbers and the bar.
func Bar(e runner.BatchDone, width int) string {
	p := e.Progress
	percent, left := "", ""
	if p.Total > 0 {
		percent = fmt.Sprintf("%3d %%", min(100*p.Keys/p.Total, 100))
	}
	if eta := p.ETA(); eta > 0 {
		left = show.Clock(eta) + " left"
	}
	numbers := []string{show.Digits(p.Keys) + " of about " + show.Digits(p.Total) + " rows"}
	if p.Rate > 0 {
		numbers = append(numbers, show.Digits(int64(p.Rate))+" rows/s")
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
	name := show.CutFront(e.File, max(leastName, width-need))
	bar := ""
	if cells := min(width-uniseg.StringWidth(name)-need+leastCells, mostCells); cells >= leastCells && p.Total > 0 {
		full := int(min(p.Keys*int64(cells)/p.Total, int64(cells)))
		bar = "[" + strings.Repeat("#", full) + strings.Repeat(".", cells-full) + "]"
	}
	return show.Fitted(width, append([]string{name, bar, percent}, append(numbers, left)...)...)
}
