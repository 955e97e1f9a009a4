package show

import (
	"testing"
	"time"
)

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                             "0.0 ms",
		9949 * time.Microsecond:       "9.9 ms",
		9950 * time.Microsecond:       "10 ms",
		9999 * time.Microsecond:       "10 ms",
		10 * time.Millisecond:         "10 ms",
		999999 * time.Microsecond:     "1.0 s",
		1234 * time.Millisecond:       "1.2 s",
		59_949 * time.Millisecond:     "59.9 s",
		59_950 * time.Millisecond:     "1m0s",
		61_400 * time.Millisecond:     "1m1s",
		59*time.Minute + time.Second:  "59m1s",
		time.Hour:                     "1h0m",
		23*time.Hour + 95*time.Second: "23h2m",
	} {
		if got := Short(d); got != want {
			t.Errorf("%v is %q, not %q", d, got, want)
		}
	}
}
