package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTrialFlags(t *testing.T) {
	opts, err := parseFlags(strings.Fields("-only live,backfill -rows 5000"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(opts.topic.trials) != 2 || opts.topic.trials[0].name != "live" || len(opts.scenarios) != 0 || opts.runs != 3 || opts.rows != 5000 {
		t.Errorf("%+v", opts)
	}
	if opts, err = parseFlags(strings.Fields("-only enum"), nil); err != nil || opts.topic.title != "Enum changes" || opts.rows != 2_000_000 {
		t.Errorf("%+v, %v", opts, err)
	}
	if opts, err = parseFlags(strings.Fields("-only linear -quick"), nil); err != nil || opts.rows != quickRows || opts.runs != 1 {
		t.Errorf("%+v, %v", opts, err)
	}
}

func TestTurns(t *testing.T) {
	var order []string
	err := inTurns(2, 3, func(run, i int) error {
		order = append(order, fmt.Sprint(run, i))
		return nil
	})
	want := []string{"0 0", "0 1", "0 2", "1 1", "1 2", "1 0"}
	if err != nil || !slices.Equal(order, want) {
		t.Errorf("got %v, %v", order, err)
	}
}

// aCourse takes as long as said, and leaves a table of so many MB.
func aCourse(w way, rows int64, megabytes int64, walls ...time.Duration) course {
	c := course{way: w, rows: rows}
	for _, wall := range walls {
		c.runs = append(c.runs, filling{wall, extent{table: megabytes * 1e6}})
	}
	return c
}

func TestBackfillPromises(t *testing.T) {
	const m = 1_000_000
	single := aCourse(singleUpdate, 10*m, 880, 20*time.Second, 30*time.Second, 25*time.Second)
	for _, c := range []struct {
		name     string
		one, two course
		met      string
	}{
		{"all kept", aCourse(defaults, 10*m, 500, 25*time.Second), aCourse(twoWorkers, 10*m, 600, 17*time.Second), "true true true"},
		{"too slow", aCourse(defaults, 10*m, 500, 26*time.Second), aCourse(twoWorkers, 10*m, 600, 18*time.Second), "false false true"},
		{"too big", aCourse(defaults, 10*m, 600, 25*time.Second), aCourse(twoWorkers, 10*m, 600, 17*time.Second), "true true false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := metOf(backfillSection([]course{single, c.one, c.two})); got != c.met {
				t.Errorf("got %s, want %s", got, c.met)
			}
		})
	}
}

func TestLinearPromise(t *testing.T) {
	small := aCourse(defaults, 1e6, 50, 3*time.Second)
	for wall, want := range map[time.Duration]string{33 * time.Second: "true", 34 * time.Second: "false"} {
		if got := metOf(linearSection([]course{small, aCourse(defaults, 1e7, 500, wall)})); got != want {
			t.Errorf("%s: got %s, want %s", wall, got, want)
		}
	}
}

func TestLivePromises(t *testing.T) {
	calm := traffic{latencies: []time.Duration{time.Millisecond, 249 * time.Millisecond}, waits: waits{looks: 100, waiting: 8, most: 3}}
	stalled := traffic{latencies: []time.Duration{250 * time.Millisecond}, waits: waits{looks: 100, waiting: 9, most: 8}}
	for _, c := range []struct {
		runs []traffic
		met  string
	}{
		{[]traffic{calm}, "true true"},
		{[]traffic{stalled}, "false false"},
		{[]traffic{calm, stalled}, "false false"},
	} {
		s := liveSection([]beside{{name: "nothing", runs: []traffic{calm}}, {name: defaults.name, runs: c.runs}})
		if got := metOf(s); got != c.met {
			t.Errorf("got %s, want %s: %v", got, c.met, s.promises)
		}
	}
}

func TestManyFilesPromises(t *testing.T) {
	few := map[string][]time.Duration{"up": {2 * time.Second}, "down": {4 * time.Second}}
	many := map[string][]time.Duration{"up": {20 * time.Second}, "down": {41 * time.Second}}
	if got := metOf(manyFilesSection([]int{1000, 8000}, []map[string][]time.Duration{few, many})); got != "true false" {
		t.Errorf("got %s", got)
	}
}

func metOf(s section) string {
	var met []string
	for _, p := range s.promises {
		met = append(met, fmt.Sprint(p.met))
	}
	return strings.Join(met, " ")
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", 0.00123: "0.12 %", 0.01: "1 %", 0.0126: "1.3 %", 0.724: "72 %", 1: "100 %"} {
		if got := percent(share); got != want {
			t.Errorf("%v: got %s, want %s", share, got, want)
		}
	}
}

func TestTrialReport(t *testing.T) {
	r := trialReport{
		options: options{runs: 3, topic: topics()[0]}, versions: map[string]binary{},
		sections: []section{{
			title: "Filling", head: []string{"", "rows/s"}, lines: [][]string{{"rung", "300 k"}},
			promises: []promise{{"fast", true, "0.90"}, {"small", false, "0.70"}},
		}},
	}
	for _, want := range []string{
		"# Backfills\n", "- Table: `payments (", "medians of 3 runs of each way", "**fsync off**",
		"| fast | met: 0.90 |\n| small | **missed**: 0.70 |\n",
		"## Filling\n\n|  | rows/s |\n|---|--:|\n| rung | 300 k |\n",
	} {
		if !strings.Contains(r.markdown(), want) {
			t.Errorf("no %q in\n%s", want, r.markdown())
		}
	}
	r.quick = true
	if text := r.markdown(); !strings.Contains(text, "| fast | not judged by a quick run |") {
		t.Errorf("got\n%s", text)
	}
}
