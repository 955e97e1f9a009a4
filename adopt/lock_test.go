package adopt

import (
	"slices"
	"testing"

	"rung/internal/othertool"
)

func historyOf(tool string) *othertool.History {
	for _, table := range othertool.Tables {
		if table.Tool == tool {
			return &othertool.History{Table: table, In: "public"}
		}
	}
	return nil
}

// The keys as the tools compute them, for a database of that name.
func TestLockKeys(t *testing.T) {
	for tool, want := range map[string][]int64{
		"golang-migrate": {847099003, 2099747081}, "sqlx": {2771974297191923538}, "Rails": {5543948597083651755}, "Flyway": {77433833903597},
		"tern": {9628173550095224}, "node-pg-migrate": {7241865325823964}, "Prisma": {72707369}, "sqitch": {75474063}, "goose": nil, "dbmate": nil,
	} {
		if got := lockKeys(historyOf(tool), "zone"); !slices.Equal(got, want) {
			t.Errorf("%s: %v, not %v", tool, got, want)
		}
	}
}
