package citus

import (
	"slices"
	"strings"
	"testing"
)

// What Citus 13.2 answered for a key with an index, and for one without.
const (
	merged   = `[{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [{"Node Type": "Custom Scan", "Custom Plan Provider": "Citus Adaptive", "Distributed Query": {"Job": {"Tasks": [{"Node": "host=127.0.0.1", "Remote Plan": [[{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Index Only Scan", "Index Name": "tasks_pkey_102008"}]}}]]}]}}}]}]}}]`
	noIndex  = `[{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [{"Node Type": "Custom Scan", "Distributed Query": {"Job": {"Tasks": [{"Remote Plan": [[{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [{"Node Type": "Seq Scan"}]}]}}]]}]}}}]}]}}]`
	ofAPlain = `[{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Sort"}]}}]`
)

func TestBelow(t *testing.T) {
	for plan, sorts := range map[string]bool{merged: false, noIndex: true, ofAPlain: true} {
		if got := Below(plan); strings.Contains(got, `Sort"`) != sorts {
			t.Errorf("%s\nhas a sort in %s", plan, got)
		}
	}
}

func TestPropagated(t *testing.T) {
	want := []string{"SET LOCAL citus.propagate_set_commands = 'local';\n", "SET LOCAL lock_timeout = '1s';\n", "SET LOCAL citus.propagate_set_commands = 'none';\n"}
	if got := Propagated("lock_timeout = '1s'"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
