package main

import (
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	if got := median([]int{9, 1, 5}); got != 5 {
		t.Error("odd:", got)
	}
	if got := median([]int{9, 1, 5, 7}); got != 6 {
		t.Error("even:", got)
	}
	if got := median([]int{3}); got != 3 {
		t.Error("single:", got)
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{seconds(81 * time.Microsecond), "81 µs"},
		{seconds(15300 * time.Microsecond), "15.3 ms"},
		{seconds(163 * time.Millisecond), "163 ms"},
		{seconds(2951 * time.Millisecond), "2.95 s"},
		{seconds(14120 * time.Millisecond), "14.1 s"},
		{seconds(125 * time.Second), "125 s"},
		{times(9*time.Second, 10*time.Second), "0.90×"},
		{times(47*time.Second, 10*time.Second), "4.7×"},
		{times(251*time.Second, 10*time.Second), "25×"},
		{megabytes(13_500_000), "13.5 MB"},
		{megabytes(1e9), "1 GB"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
