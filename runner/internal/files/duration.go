package files

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a time as PostgreSQL writes it in its configuration
// (500ms, 2s, 10min, 1h, 1d; the units of guc.c) or as Go does (1m30s). 0 and
// "off" mean none. A bare number other than 0 is refused, since PostgreSQL
// would take it for milliseconds and a reader for seconds.
func ParseDuration(s string) (time.Duration, error) {
	if s == "0" || s == "off" {
		return 0, nil
	}
	d, err := time.ParseDuration(strings.ReplaceAll(s, "min", "m"))
	if days, ok := strings.CutSuffix(s, "d"); err != nil && ok {
		var n float64
		if n, err = strconv.ParseFloat(days, 64); n >= 0 && n < 1000 {
			d = time.Duration(n * 24 * float64(time.Hour))
		} else {
			d = -1
		}
	}
	switch {
	case err != nil || d < 0:
		return 0, fmt.Errorf("%q is not a duration: write it like 500ms, 2s, 10min or 1h", s)
	case d > longest:
		return 0, fmt.Errorf("%q is longer than the 24 days that PostgreSQL's timeouts take", s)
	}
	return d, nil
}

// longest is what fits PostgreSQL's timeouts, which are an int of milliseconds.
const longest = math.MaxInt32 * time.Millisecond

// Millis renders a duration as PostgreSQL's timeouts take it, rounded up to
// whole milliseconds: 0 would switch the timeout off.
func Millis(d time.Duration) string {
	ms := (d + time.Millisecond - 1) / time.Millisecond
	return strconv.FormatInt(int64(ms), 10) + "ms"
}
