package runner

import (
	"testing"
	"time"
)

func TestBatchOverride(t *testing.T) {
	t.Parallel()
	var given BatchOverride
	for _, set := range [][2]string{{"rows", "7"}, {"pause", "1s"}, {"vacuum", "off"}} {
		if err := given.Set(set[0], set[1]); err != nil {
			t.Fatal(err)
		}
	}
	if given.Set("rows", "x") == nil || given.Set("key", "t.id") == nil {
		t.Error("takes what the directive does not")
	}
	got := given.over(BatchOptions{Rows: 1, Target: 2, Workers: 3, MaxLag: 4})
	want := BatchOptions{Rows: 7, Target: 2, Workers: 3, MaxLag: 4, Pause: time.Second, Vacuum: VacuumOff}
	if got != want {
		t.Errorf("%+v", got)
	}
	if (*BatchOverride)(nil).over(want) != want {
		t.Error("nil overrides something")
	}
}
