package show

import (
	"fmt"
	"strings"
	"time"
)

// TimeLayout is how a time is shown to a person: in the zone of this machine, which
// it names.
const TimeLayout = "2006-01-02 15:04:05 MST"

// Short rounds a duration to what a person reads, in six characters at most up to
// four days. The limits are those at which the rounded number takes the next form.
func Short(d time.Duration) string {
	switch {
	case d < 9950*time.Microsecond:
		return fmt.Sprintf("%.1f ms", Millis(d))
	case d < 999_500*time.Microsecond:
		return fmt.Sprintf("%.0f ms", Millis(d))
	case d < 59_950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	if d >= time.Hour {
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return d.Round(time.Second).String()
}

// Clock is a duration that is looked at while it grows: whole seconds.
func Clock(d time.Duration) string {
	if d < time.Minute {
		return d.Round(time.Second).String()
	}
	return Short(d)
}

// Clip shortens a text to n characters.
func Clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Millis is a duration for JSON: milliseconds, to the microsecond.
func Millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Count is a number and its noun.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// Things is a number with its noun.
func Things(n int64, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "ch"):
		noun += "e"
	}
	return Digits(n) + " " + noun + "s"
}

// Digits writes a number with a comma between its thousands.
func Digits(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Labelled is what belongs to a message, under its label. It may have several lines,
// none of which can pass for one of rung's own, as they are set in.
func Labelled(label, s string) string {
	if s == "" {
		return ""
	}
	return label + ": " + strings.ReplaceAll(visibleLines(s), "\n", "\n"+strings.Repeat(" ", len(label)+2)) + "\n"
}

// List is never null in JSON.
func List[T any](s []T) []T { return append([]T{}, s...) }
