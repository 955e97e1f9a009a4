package files

import (
	"slices"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for in, want := range map[string]Version{
		"7": "7", "07": "7", "000007": "7", "0": "0", "0000": "0",
		"20240131235959":                            "20240131235959",
		"0020240131235959":                          "20240131235959",
		"18446744073709551616":                      "18446744073709551616", // one more than 64 bits hold
		"99999999999999999999999999999999999999999": "99999999999999999999999999999999999999999",
	} {
		if got, err := ParseVersion(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "-1", "+1", "1.0", "1e3", " 1", "1 ", "0x1", "٣", "v1"} {
		if got, err := ParseVersion(in); err == nil {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestVersionCompare(t *testing.T) {
	ordered := []Version{"0", "1", "9", "10", "99", "100", "20240101", "20240101000000", "18446744073709551615", "18446744073709551616"}
	for i, v := range ordered {
		for j, w := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := v.Compare(w); got != want {
				t.Errorf("%s and %s: %d, want %d", v, w, got, want)
			}
		}
	}
	if !slices.IsSortedFunc(ordered, Version.Compare) {
		t.Error("not in order")
	}
}
