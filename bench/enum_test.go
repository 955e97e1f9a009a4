package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCensus(t *testing.T) {
	first := firstCensus(12) // rows 1 to 12, whose values are those of n % 5
	if want := (census{"todo": 2, "in_progress": 3, "blocked": 3, "done": 2, "cancelled": 2}); !maps.Equal(first, want) {
		t.Errorf("fresh: %s", first)
	}
	merged := first.after(bySwap.becomes())
	if want := (census{"pending": 2, "active": 6, "complete": 2, "cancelled": 2}); !maps.Equal(merged, want) {
		t.Errorf("merged: %s", merged)
	}
	retired := first.after(byRetire.becomes())
	if want := (census{"todo": 2, "in_progress": 6, "done": 2, "cancelled": 2}); !maps.Equal(retired, want) {
		t.Errorf("retired: %s", retired)
	}
}

// A way that forgot a value, or moved one to a value that is not there, would
// be measured for a while before it failed.
func TestEnumWaysLeaveTheLabelsThatTheySay(t *testing.T) {
	for _, w := range enumWays {
		if w.tool == "" {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			left := slices.Sorted(maps.Keys(firstCensus(100).after(w.becomes())))
			all := slices.Sorted(slices.Values(list(w.values)))
			if w.keeps {
				all = slices.DeleteFunc(all, func(l string) bool { _, gone := w.becomes()[l]; return gone })
			}
			if !slices.Equal(left, all) {
				t.Errorf("rows have %v, the type %v", left, all)
			}
		})
	}
}

func TestTheHelperUpdatesEachLabelOnce(t *testing.T) {
	for from, to := range byHelper.becomes() {
		update := "UPDATE tasks SET status = '" + to + "' WHERE tasks.status = '" + from + "';"
		if strings.Count(helperSQL, update) != 1 {
			t.Errorf("no %s", update)
		}
	}
	if n := strings.Count(helperSQL, "UPDATE tasks"); n != len(byHelper.becomes()) {
		t.Errorf("%d updates", n)
	}
}

func TestParametersOfTemplates(t *testing.T) {
	for _, c := range []struct {
		way  enumWay
		want string
	}{
		{bySwap, "--set type=task_status --set map=" + mergeMoves + " --set values=" + mergeValues},
		{byRetire, "--set type=task_status --set map=blocked=in_progress"},
	} {
		if got := strings.Join(c.way.set(), " "); got != c.want {
			t.Errorf("%s: %s", c.way.name, got)
		}
	}
}

// aChange took as long as said, and held a transaction up for worst.
func aChange(w enumWay, worst time.Duration, walls ...time.Duration) enumCourse {
	c := enumCourse{enumWay: w}
	for _, wall := range walls {
		c.runs = append(c.runs, enumRun{
			wall: wall, held: holds{worst, worst / 2}, extent: extent{table: 184e6, wal: 30e6},
			traffic: traffic{latencies: []time.Duration{worst, time.Millisecond}, waits: waits{looks: 10, waiting: 8}},
		})
	}
	return c
}

func changes(rename, swap time.Duration) []enumCourse {
	return []enumCourse{
		aChange(nothing, 0, 30*time.Second),
		aChange(byHelper, 30*time.Second, 29*time.Second, 40*time.Second, 30*time.Second),
		aChange(byRename, 0, rename),
		aChange(bySwap, 9*time.Second, swap),
		aChange(byOnline, 299*time.Millisecond, time.Minute),
	}
}

func TestEnumPromises(t *testing.T) {
	for _, c := range []struct {
		name         string
		rename, swap time.Duration
		met          string
	}{
		{"all kept", 49 * time.Millisecond, 10 * time.Second, "true true"},
		{"a slow rename", 50 * time.Millisecond, 10 * time.Second, "false true"},
		{"a slow swap", 49 * time.Millisecond, 10001 * time.Millisecond, "true false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := metOf(enumCosts(changes(c.rename, c.swap), extent{})); got != c.met {
				t.Errorf("got %s, want %s", got, c.met)
			}
		})
	}
}

func TestOnlinePromiseIsOfTheWorstOfAllRuns(t *testing.T) {
	courses := changes(time.Millisecond, time.Second)
	if got := metOf(enumStalls(courses)); got != "true" {
		t.Error("299 ms:", got)
	}
	online := &courses[len(courses)-1]
	online.runs = append(online.runs, aChange(byOnline, onlineTarget, time.Minute).runs...)
	if got := metOf(enumStalls(courses)); got != "false" {
		t.Error("300 ms in one of two runs:", got)
	}
}

func TestEnumReport(t *testing.T) {
	courses := changes(20*time.Millisecond, 9*time.Second)
	var w strings.Builder
	enumCosts(courses, extent{table: 184e6, indexes: 65e6}).write(&w)
	enumStalls(courses).write(&w)
	for _, want := range []string{
		"- enum-swap: `" + mergeMoves + "`; then the values are active, pending, complete, cancelled\n",
		"Before, the table has 184 MB and its indexes 65 MB.", "beside nothing 60 MB a minute",
		"| the ORM's helper | 30.0 s | 1 | 29.0 s | 40.0 s | 184 MB | 0 MB | 0 MB | 30 MB |\n",
		"| enum-rename | 20.0 ms | 0.00067 | 20.0 ms | 20.0 ms |",
		"| the ORM's helper | 30.0 s | 15.0 s | 6 | 1.0 ms | 30.0 s | 30.0 s | 30.0 s | 10 % |\n",
		"| enum-rename | none seen | none seen | 2 |",
	} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("no %q in\n%s", want, w.String())
		}
	}
	if strings.Contains(w.String(), "| nothing | 30.0 s |") {
		t.Error("nothing has a cost")
	}
}
