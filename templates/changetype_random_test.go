package templates

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

var changeTypeSeed = flag.Uint64("change-type-seed", 0, "the schema that TestChangeTypeOfRandomSchemas tries; 0 for others at each run")

// namedOnes are what a table has by name, but for its columns.
const namedOnes = `SELECT 'constraint ' || conname FROM pg_constraint WHERE conrelid = 'public.t'::regclass AND contype <> 'n' UNION SELECT 'index ' || indexname FROM pg_indexes WHERE tablename = 't'
UNION SELECT 'view ' || viewname || CASE WHEN viewowner = current_user THEN '' ELSE viewowner END FROM pg_views WHERE schemaname = 'public' UNION SELECT 'policy ' || policyname FROM pg_policies
UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid = 'public.t'::regclass AND NOT tgisinternal UNION SELECT 'statistics ' || stxname FROM pg_statistic_ext
UNION SELECT 'may read ' || attname FROM pg_attribute WHERE attrelid = 'public.t'::regclass AND attacl IS NOT NULL AND NOT attisdropped UNION SELECT 'comment ' || col_description('public.t'::regclass, attnum) FROM pg_attribute WHERE attrelid = 'public.t'::regclass AND attnum > 0 ORDER BY 1`

// Schemas that nobody thought of: a column of numbers or texts takes another type by either way, each pair up,
// down and up again, and the table has by name what it had.
func TestChangeTypeOfRandomSchemas(t *testing.T) {
	t.Parallel()
	eachSeed(t, *changeTypeSeed, 4, func(t *testing.T, k randomSchema) {
		kinds := []string{"smallint", "integer", "bigint", "numeric(9,0)"}
		values := "g"
		texts := k.IntN(3) == 0
		if texts {
			kinds, values = []string{"text", "varchar(30)", "varchar(50)", `varchar(40) COLLATE "C"`}, "'w' || g"
		}
		from := k.IntN(len(kinds))
		to := strings.TrimSuffix(kinds[(from+1+k.IntN(len(kinds)-1))%len(kinds)], ` COLLATE "C"`)
		k.say("CREATE TABLE t (id int PRIMARY KEY, org smallint NOT NULL DEFAULT 1, n text, c %s%s%s)", kinds[from], k.sometimes(" NOT NULL"), k.sometimes(" DEFAULT '7'"))
		k.say("INSERT INTO t SELECT g, g %% 5 + 1, 'n' || g, %s FROM generate_series(1, 60) AS g", values)
		k.say("INSERT INTO t (id, c) VALUES (100, %s)", k.pick("'99'", "'98'"))
		k.say("%s", k.pick("SELECT", "ALTER TABLE t ADD CONSTRAINT one UNIQUE (c)", "CREATE UNIQUE INDEX one ON t (c, org)", "CREATE UNIQUE INDEX one ON t (c DESC) WHERE org > 0"))
		way := k.pick("direct", "online")
		switch {
		case way == "direct" && !texts: // PostgreSQL writes a cast into CHECKs and expressions, and leaves it there
			k.some("t", "c", "CREATE INDEX ON %s (%s)", "CREATE INDEX ON %s (org, %s DESC) WHERE org > 0", "CREATE INDEX ON %s USING hash (%s)", "CREATE VIEW %s_seen AS SELECT %s AS seen FROM %[1]s WHERE %[2]s > 3",
				"COMMENT ON COLUMN %s.%s IS 'k'", "CREATE STATISTICS %s_st ON %s, org FROM %[1]s", "CREATE POLICY mine ON %s USING (%s > 0)", "GRANT SELECT (%[2]s) ON %[1]s TO PUBLIC", "ALTER TABLE %s ALTER %s SET STATISTICS 20")
		case texts:
			k.some("t", "c", "CREATE INDEX ON %s (%s)", "CREATE INDEX ON %s (org, %s DESC)", "CREATE INDEX ON %s (lower(%[2]s))", "ALTER TABLE %s ADD CHECK (%s <> '')", "CREATE VIEW %s_seen AS SELECT %s AS seen FROM %[1]s WHERE %[2]s > 'a'",
				"COMMENT ON COLUMN %s.%s IS 'k'", "CREATE STATISTICS %s_st ON %s, org FROM %[1]s", "CREATE POLICY mine ON %s USING (%s <> 'x')", "GRANT SELECT (%[2]s) ON %[1]s TO PUBLIC", "ALTER TABLE %s ALTER %s SET STATISTICS 20")
		default:
			k.extras("t", "c")
		}
		r := newRig(t, k.b.String())
		p := params("table=t", "column=c", "type="+to, "way="+way)
		t.Log(p)
		r.add("change-type", p)
		before, was, last := r.dump(), pgtest.QueryStrings(t, r.url, namedOnes), 0
		if r.next > 1 {
			last = 1 // after the contract the columns come in another order
		}
		r.eachRung(r.next - last)
		r.down(r.next - last)
		r.same("all the way down", before)
		r.up(0)
		if is := pgtest.QueryStrings(t, r.url, namedOnes); !slices.Equal(was, is) {
			t.Error(lineDiff(strings.Join(was, "\n"), strings.Join(is, "\n")))
		}
		r.rows("SELECT split_part(format_type(atttypid, atttypmod), '(', 1) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'c'", strings.Replace(strings.Split(to, "(")[0], "varchar", "character varying", 1))
	})
}
