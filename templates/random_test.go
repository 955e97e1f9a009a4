package templates

import (
	"fmt"
	rand "math/rand/v2"
	"strings"
	"testing"
	"time"
)

// randomSchema writes statements by chance.
type randomSchema struct {
	*rand.Rand
	b *strings.Builder
}

func (k randomSchema) pick(all ...string) string { return all[k.IntN(len(all))] }

func (k randomSchema) sometimes(s string) string {
	if k.IntN(2) == 0 {
		return s
	}
	return ""
}

func (k randomSchema) say(format string, args ...any) { fmt.Fprintf(k.b, format+";\n", args...) }

// extras are what a table may have of a column of numbers.
func (k randomSchema) extras(table, column string) {
	k.some(table, column,
		"CREATE INDEX ON %s (%s)", "CREATE INDEX ON %s (org, %s DESC) WHERE org > 0", "CREATE INDEX ON %s ((%[2]s %% 10))", "CREATE INDEX ON %s USING hash (%s)",
		"ALTER TABLE %s ADD CONSTRAINT %[1]s_positive CHECK (%[2]s > 0)", "CREATE VIEW %s_seen AS SELECT %s AS seen, org FROM %[1]s WHERE %[2]s < 30",
		"CREATE VIEW %s_counted AS SELECT %s, count(*) FROM %[1]s GROUP BY %[2]s", "COMMENT ON COLUMN %s.%s IS 'k'", "CREATE STATISTICS %s_st ON %s, org FROM %[1]s",
		"CREATE FUNCTION %s_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER %[1]s_t BEFORE UPDATE OF %[2]s ON %[1]s FOR EACH ROW EXECUTE FUNCTION %[1]s_f()",
		"CREATE POLICY mine ON %s USING (%s > 0)", "GRANT SELECT (%[2]s) ON %[1]s TO PUBLIC", "ALTER TABLE %s ALTER %s SET STATISTICS 20", "CREATE INDEX ON %s (org) INCLUDE (%s)",
	)
}

// some says a third of the statements, each with the names in it.
func (k randomSchema) some(table, column string, all ...string) {
	for _, one := range all {
		if k.IntN(3) == 0 {
			k.say(one, table, column)
		}
	}
}

// eachSeed runs a test of random schemas under so many seeds, or under the one that is given.
// Where it fails it shows the seed, for the test's own flag, and what was written.
func eachSeed(t *testing.T, given uint64, tries int, test func(t *testing.T, random randomSchema)) {
	first := uint64(time.Now().UnixNano())
	if given != 0 {
		first, tries = given, 1
	}
	for i := range tries {
		seed := first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := randomSchema{rand.New(rand.NewPCG(seed, 1)), &strings.Builder{}}
			defer func() {
				if t.Failed() {
					t.Logf("seed %d\n%s", seed, random.b)
				}
			}()
			test(t, random)
		})
	}
}
