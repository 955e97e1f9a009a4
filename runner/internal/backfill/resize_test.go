package backfill

import (
	"slices"
	"testing"
	"time"

	"rung/runner/internal/files"
)

// sizes are those that follow batches which take cost seconds each.
func sizes(b *backfill, batches int, cost func(size int) float64) (all []int) {
	for range batches {
		b.resize(b.size, time.Duration(cost(b.size)*float64(time.Second)))
		all = append(all, b.size)
	}
	return all
}

func TestBatchSizeFollowsTheTarget(t *testing.T) {
	linear := func(perRow float64) func(int) float64 {
		return func(size int) float64 { return 0.002 + perRow*float64(size) }
	}
	fresh := func(rows int) *backfill {
		return &backfill{size: rows, opts: files.BatchOptions{Rows: rows, Target: 500 * time.Millisecond}}
	}
	for _, c := range []struct {
		name      string
		rows      int
		perRow    float64
		low, high int // where it comes to rest
	}{
		{"grows to it", 10_000, 10e-6, 45_000, 55_000},
		{"shrinks to it", 10_000, 1e-3, 450, 550},
		{"stays at it", 10_000, 50e-6, 9_000, 11_000},
		{"not below 100", 10_000, 1, 100, 100},
		{"not above a hundred times the rows", 500, 1e-9, 50_000, 50_000},
		{"not below the rows where they are fewer than 100", 10, 1, 10, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := fresh(c.rows)
			all := sizes(b, 60, linear(c.perRow))
			for _, size := range all[40:] {
				if size < c.low || size > c.high {
					t.Fatalf("%v", all)
				}
			}
			before := c.rows
			for _, size := range all {
				if size > before*12/10+1 || size < before/2 {
					t.Errorf("from %d to %d at once", before, size)
				}
				before = size
			}
		})
	}
	t.Run("one slow batch does not throw it off for long", func(t *testing.T) {
		b := fresh(10_000)
		sizes(b, 40, linear(50e-6))
		sizes(b, 1, func(int) float64 { return 10 })
		if all := sizes(b, 15, linear(50e-6)); all[0] < 2_000 || all[14] < 8_000 {
			t.Errorf("%v", all)
		}
	})
	t.Run("it grows by steps from below the floor", func(t *testing.T) {
		b := fresh(10_000)
		b.size = 1 // after timeouts
		if all := sizes(b, 8, linear(1e-6)); !slices.Equal(all, []int{2, 3, 4, 5, 6, 8, 10, 12}) {
			t.Errorf("%v", all)
		}
		b.size, b.ema = 7, 0
		if all := sizes(b, 3, linear(1)); !slices.Equal(all, []int{7, 7, 7}) {
			t.Errorf("%v", all)
		}
	})
	t.Run("workers that end batches of one size shrink it once", func(t *testing.T) {
		b := fresh(10_000)
		for range 4 {
			b.resize(10_000, time.Second)
		}
		if b.size < 4_000 || b.size > 6_000 {
			t.Error(b.size)
		}
	})
}
