package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"rung/runner"
)

// progress shows a running backfill: a bar on a terminal, elsewhere a line
// every ten seconds.
type progress struct {
	bar  *progressbar.ProgressBar
	step string // the file and step that the bar is of
	said time.Time
}

const progressEvery = 10 * time.Second

// isTerminal tells whether a bar can be drawn.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// due tells whether it is time for the next line.
func (p *progress) due() bool {
	if time.Since(p.said) < progressEvery {
		return false
	}
	first := p.said.IsZero()
	p.said = time.Now()
	return !first
}

// show brings the bar up to date, or prints a line when one is due.
func (t *terminal) show(e runner.BatchDone) {
	if !isTerminal(t.err.w) {
		if t.progress.due() || t.verbose {
			fmt.Fprintln(t.err, textOf(e).line)
		}
		return
	}
	p := &t.progress
	if step := fmt.Sprint(e.File, e.Progress.Step); p.bar == nil || p.step != step {
		p.step = step
		p.bar = progressbar.NewOptions64(max(e.Progress.Total, 1),
			progressbar.OptionSetWriter(t.err), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("rows"), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetDescription(e.File), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true))
	}
	p.bar.ChangeMax64(max(e.Progress.Total, e.Progress.Keys+1))
	_ = p.bar.Set64(e.Progress.Keys) // it only draws
}

// clear takes the bar away before a line is printed.
func (t *terminal) clear() {
	if t.progress.bar != nil {
		_ = t.progress.bar.Clear() // it only draws
	}
}
