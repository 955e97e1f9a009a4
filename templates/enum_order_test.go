package templates

import (
	"slices"
	"testing"
	"time"

	"rung/templates/internal/enum"
	"rung/templates/internal/words"
)

// Every map of four values onto these four, cycles and merges into cycles among
// them: the order ends, and one step after the other gives what the map says.
func TestInOrderGivesTheMap(t *testing.T) {
	t.Parallel()
	labels := []string{"a", "b", "c", "d"}
	for n := range 256 {
		var steps []words.Pair
		want := slices.Clone(labels)
		for i, rest := 0, n; i < len(labels); i, rest = i+1, rest/4 {
			if want[i] = labels[rest%4]; want[i] != labels[i] {
				steps = append(steps, words.Pair{From: labels[i], To: want[i]})
			}
		}
		if got := applied(inTime(t, steps, labels), labels); !slices.Equal(got, want) {
			t.Errorf("%v: got %v, want %v", steps, got, want)
		}
	}
}

// inTime is inOrder, but a test that hangs says for which steps.
func inTime(t *testing.T, steps []words.Pair, labels []string) []words.Pair {
	t.Helper()
	done := make(chan []words.Pair, 1)
	go func() { done <- enum.InOrder(steps, labels) }()
	select {
	case all := <-done:
		return all
	case <-time.After(10 * time.Second):
		t.Fatalf("%v: no end", steps)
		return nil
	}
}

func applied(steps []words.Pair, labels []string) []string {
	out := slices.Clone(labels)
	for _, s := range steps {
		for i := range out {
			if out[i] == s.From {
				out[i] = s.To
			}
		}
	}
	return out
}
