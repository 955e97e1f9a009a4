package plan

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The table in docs/background.md and the function say the same of every state and
// every event.
func TestBackfillStates(t *testing.T) {
	text, err := os.ReadFile("../../../docs/background.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[BackfillEvent]map[BackfillState]string{}
	var columns []BackfillState
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if cells[0] == "event" && len(cells) > 3 {
			for _, c := range cells[2:] {
				columns = append(columns, BackfillState(c))
			}
			continue
		}
		if e := BackfillEvent(cells[0]); len(columns) > 0 && slices.Contains(BackfillEvents, e) && len(cells) == len(columns)+2 {
			documented[e] = map[BackfillState]string{}
			for i, s := range columns {
				documented[e][s] = cells[i+2]
			}
		}
	}
	for _, e := range BackfillEvents {
		for _, s := range BackfillStates {
			want := "–"
			if next, ok := NextBackfill(s, e); ok {
				want = string(next)
			}
			if got := documented[e][s]; got != want {
				t.Errorf("docs/background.md, %s in %s: %q, not %q", e, s, got, want)
			}
		}
	}
	if _, ok := NextBackfill(BackfillWaits, "unheard of"); ok {
		t.Error("an event that there is not")
	}
}

// What holds whatever the table says: what is done stays so but for down, nothing comes
// from nothing but by registering, and every state has a way to done and to none.
func TestBackfillStatesHold(t *testing.T) {
	reaches := func(from BackfillState) map[BackfillState]bool {
		seen := map[BackfillState]bool{from: true}
		for queue := []BackfillState{from}; len(queue) > 0; queue = queue[1:] {
			for _, e := range BackfillEvents {
				if next, ok := NextBackfill(queue[0], e); ok && !seen[next] {
					seen[next] = true
					queue = append(queue, next)
				}
			}
		}
		return seen
	}
	for _, s := range BackfillStates {
		if to := reaches(s); !to[NoBackfill] || !to[BackfillDone] {
			t.Errorf("%s leads to %v only", s, to)
		}
		for _, e := range BackfillEvents {
			next, ok := NextBackfill(s, e)
			switch {
			case ok && next == BackfillDone && s != BackfillRuns,
				ok && s == BackfillDone && e != BackfillRevert,
				ok && s == NoBackfill && e != BackfillRegister,
				ok && s == BackfillReverting && e != BackfillReverted,
				!ok && next != s && next == "":
				t.Errorf("%s in %s: %s", e, s, next)
			}
		}
	}
}

func TestAfterAttempt(t *testing.T) {
	pauses := []time.Duration{1, 2}
	for _, c := range []struct {
		attempt int
		state   string
		want    string
	}{{1, "55P03", "false 1ns"}, {2, "40P01", "false 2ns"}, {3, "57014", "true 0s"}, {1, "23514", "true 0s"}, {1, "22012", "true 0s"}, {1, "42703", "true 0s"}, {1, "P0001", "true 0s"}, {1, "", "false 1ns"}} {
		final, pause := AfterAttempt(c.attempt, !MayPass(c.state), pauses)
		if got := fmt.Sprint(final, pause); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
