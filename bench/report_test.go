package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
)

func ran(tool string, wall time.Duration) row {
	return row{tool: tool, samples: []sample{{wall: wall, maxRSS: 12e6, trips: 104}}}
}

// aReport is of one scenario, over the link.
func aReport(t target, rows ...row) report {
	res := result{scenario: scenario{name: "link", title: "100 files", link: true, target: t}, rows: rows}
	return report{options: options{tools: allTools()}, results: []result{res}}
}

func TestVerdict(t *testing.T) {
	limit := medianUnder(3 * time.Second)
	fast, slow := ran("rung", 2*time.Second), ran("rung", 4*time.Second)
	broken := row{tool: "goose", err: errors.New("exit status 1")}
	without := aReport(notSlowerThan("goose"), fast)
	without.without = []string{"goose"}
	quick := aReport(limit, fast)
	quick.quick = true

	for _, c := range []struct {
		name   string
		report report
		want   string
	}{
		{"under the limit", aReport(limit, fast), "met: 2.00 s, 104 trips"},
		{"over the limit", aReport(limit, slow), "**missed**: 4.00 s, 104 trips"},
		{"as fast as the other", aReport(notSlowerThan("goose"), fast, ran("goose", 2*time.Second)), "met: 2.00 s, 104 trips"},
		{"slower than the other", aReport(notSlowerThan("goose"), fast, ran("goose", time.Second)), "**missed**: 2.00 s, 104 trips"},
		{"slower than one of the others", aReport(notSlowerThanFastest(), fast, ran("goose", 3*time.Second), ran("tern", time.Second)), "**missed**: 2.00 s, 104 trips"},
		{"memory at the limit", aReport(memoryUnder(12e6), fast), "**missed**: 2.00 s, 104 trips"},
		{"the other failed", aReport(notSlowerThan("goose"), fast, broken), "not judged: not all of the others ran"},
		{"the other was left out", without, "not judged: not all of the others ran"},
		{"quick", quick, "not judged by a quick run"},
		{"rung failed", aReport(limit, row{tool: "rung", err: errors.New("exit status 1")}), "**FAILED**"},
		{"rung was left out", aReport(limit, ran("goose", time.Second)), "not run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.report.verdict(c.report.results[0]); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	r := aReport(medianUnder(time.Second), ran("rung", 2*time.Second), ran("goose", 9*time.Second),
		row{tool: "tern", err: errors.New("exit status 1")})
	var w strings.Builder
	r.writeSummary(&w)
	want := "| 100 files | **2.00 s, 104 trips** | 9.00 s, 104 trips (4.5×) | **FAILED** | cannot | cannot |\n"
	if !strings.Contains(w.String(), want) {
		t.Errorf("got\n%s", w.String())
	}
}

func TestFailureIsPrintedButNotKept(t *testing.T) {
	r := aReport(medianUnder(time.Second), row{tool: "rung", err: errors.New("exit status 1")})
	var out strings.Builder
	file := t.TempDir() + "/RESULTS.md"
	if err := publish(r, file, &out); err == nil || err.Error() != "link: rung: exit status 1" {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "## Failed") {
		t.Errorf("got\n%s", out.String())
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the file was written:", err)
	}
}
