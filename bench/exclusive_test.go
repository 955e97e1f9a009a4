package main

import (
	"testing"
	"time"
)

func TestHoldsAreOfOneTransactionEach(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name    string
		holders []string // every 10 ms
		want    holds
	}{
		{"nothing seen", nil, holds{}},
		{"nobody", []string{"", "", ""}, holds{}},
		{"once", []string{"", "3/7", ""}, holds{10 * ms, 10 * ms}},
		{"two that follow each other", []string{"", "3/7", "3/7", "3/8", ""}, holds{30 * ms, 20 * ms}},
		{"two with a pause between", []string{"", "3/7", "", "3/7", "3/7", ""}, holds{30 * ms, 20 * ms}},
		{"from the first glance to the last", []string{"3/7", "3/7", "3/7"}, holds{20 * ms, 20 * ms}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var glances []glance
			for i, holder := range c.holders {
				glances = append(glances, glance{time.Unix(0, 0).Add(time.Duration(i) * 10 * ms), holder})
			}
			if got := addUp(glances); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	t.Run("a late glance stands for more", func(t *testing.T) {
		start := time.Unix(0, 0)
		got := addUp([]glance{{start, ""}, {start.Add(10 * ms), "3/7"}, {start.Add(40 * ms), ""}})
		if want := (holds{20 * ms, 20 * ms}); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
