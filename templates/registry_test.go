package templates

import (
	"maps"
	"slices"
	"testing"

	"rung/internal/pgtest"
)

// A body without an analysis would see parameters alone, and an analysis without a body
// nobody could ask for.
func TestRegistryHasEveryTemplate(t *testing.T) {
	t.Parallel()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(registry)), set.Names(); !slices.Equal(got, want) {
		t.Errorf("registry: %v\nsql: %v", got, want)
	}
	for name, a := range registry {
		if (a.analyze == nil) == (a.choose == nil) {
			t.Errorf("%s must either analyze or choose", name)
		}
	}
}

// The strategy works from other parameters than those that a person gave: the head of
// the file, and the caller, keep the latter.
func TestEnumLeavesTheParametersAlone(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TYPE mood AS ENUM ('sad', 'ok')")
	given := set{"type": "mood", "add": "calm", "after": "sad", "way": "direct"}
	_, in, err := expand(t, url, "enum", given)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(in.Params, given) {
		t.Errorf("given %v, left %v", given, in.Params)
	}
	if len(in.Report) < 2 {
		t.Errorf("report: %q", in.Report)
	}
}
