package main

import (
	"fmt"
	"slices"
	"time"
)

// median is the middle value, or the mean of the two in the middle. One slow
// run on a busy machine moves a mean, not a median.
func median[T ~int | ~int64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// seconds prints a duration in three figures, which is what a run on a
// machine with other work is good for.
func seconds(d time.Duration) string {
	switch s := d.Seconds(); {
	case s >= 100:
		return fmt.Sprintf("%.0f s", s)
	case s >= 10:
		return fmt.Sprintf("%.1f s", s)
	case s >= 1:
		return fmt.Sprintf("%.2f s", s)
	case s >= 0.1:
		return fmt.Sprintf("%.0f ms", 1000*s)
	case s >= 0.001:
		return fmt.Sprintf("%.1f ms", 1000*s)
	default:
		return fmt.Sprintf("%.0f µs", 1e6*s)
	}
}

// times prints how many times as long a is as b.
func times(a, b time.Duration) string {
	switch ratio := float64(a) / float64(b); {
	case ratio >= 10:
		return fmt.Sprintf("%.0f×", ratio)
	case ratio >= 2:
		return fmt.Sprintf("%.1f×", ratio)
	default:
		return fmt.Sprintf("%.2f×", ratio)
	}
}

// megabytes prints a size in powers of ten.
func megabytes(n int64) string {
	if n >= 1e9 {
		return fmt.Sprintf("%.3g GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.3g MB", float64(n)/1e6)
}

func rate(bytes int64, d time.Duration) string {
	return fmt.Sprintf("%.0f MB/s", float64(bytes)/1e6/d.Seconds())
}
