package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// Something on the history tables that is not rung's is refused by every
// command before any of it runs, and named.
func TestForeignHistory(t *testing.T) {
	t.Parallel()
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n"}
	const ran = `CREATE TABLE ran (who text);
		CREATE FUNCTION note() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.ran VALUES (current_user); RETURN true; END';
		CREATE FUNCTION note_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM public.note(); RETURN new; END';
		CREATE FUNCTION note_it(anyelement) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM public.note(); RETURN true; END';
		CREATE DOMAIN noted AS text CHECK (note_it(value));
		GRANT ALL ON ran TO PUBLIC;`
	for name, c := range map[string]struct{ make, what string }{
		"a trigger":                    {"CREATE TRIGGER z BEFORE INSERT ON rung.log FOR EACH ROW EXECUTE FUNCTION note_row()", "rung.log has the trigger z"},
		"a rule":                       {"CREATE RULE z AS ON INSERT TO rung.log DO ALSO SELECT note()", "rung.log has the rule z"},
		"a policy":                     {"ALTER TABLE rung.migrations ENABLE ROW LEVEL SECURITY; CREATE POLICY z ON rung.migrations USING (note())", "rung.migrations: policy z on table rung.migrations uses function public.note()"},
		"a default":                    {"ALTER TABLE rung.log ADD z boolean DEFAULT note()", "rung.log: default value for column z of table rung.log uses function public.note()"},
		"a check":                      {"ALTER TABLE rung.log ADD CONSTRAINT z CHECK (note_it(id)) NOT VALID", "rung.log: constraint z on table rung.log uses function public.note_it(anyelement)"},
		"an index":                     {"CREATE INDEX z ON rung.log (note_it(id))", "rung.log: index rung.z uses function public.note_it(anyelement)"},
		"a generated column":           {"ALTER TABLE rung.log ADD z boolean GENERATED ALWAYS AS (note_it(id)) STORED", "column z of rung.log is generated, or of a type that is not PostgreSQL's own"},
		"a domain":                     {"ALTER TABLE rung.log ADD z noted", "column z of rung.log is generated, or of a type that is not PostgreSQL's own"},
		"a child":                      {"CREATE TABLE z () INHERITS (rung.log)", "public.z inherits from rung.log"},
		"a parent":                     {"CREATE TABLE z (note text); ALTER TABLE rung.log INHERIT z", "rung.log inherits from public.z"},
		"a table that refers to it":    {"CREATE TABLE z (v int REFERENCES rung.format ON DELETE CASCADE)", "public.z has the constraint z_v_fkey"},
		"a view in its place":          {"ALTER TABLE rung.format RENAME TO was; CREATE VIEW rung.format AS SELECT * FROM rung.was WHERE note()", "rung.format is a view"},
		"a function in the view":       {"DROP VIEW rung.applied; CREATE VIEW rung.applied AS SELECT *, true AS has_up_sql, true AS has_down_sql FROM rung.migrations WHERE note()", "rung.applied: rule _RETURN on view rung.applied uses function public.note()"},
		"a table in the view's place":  {"DROP VIEW rung.applied; CREATE TABLE rung.applied AS SELECT *, true AS has_up_sql, true AS has_down_sql FROM rung.migrations", "rung.applied is a table"},
		"a materialized view":          {"ALTER TABLE rung.format RENAME TO was; CREATE MATERIALIZED VIEW rung.format AS SELECT * FROM rung.was", "rung.format is a materialized view"},
		"a partitioned table":          {"DROP TABLE rung.log; CREATE TABLE rung.log (id bigint) PARTITION BY RANGE (id)", "rung.log is a partitioned table"},
		"a table of another role's":    {"ALTER TABLE rung.format OWNER TO somebody_else", "rung.format belongs to role somebody_else"},
		"the schema of another role's": {"ALTER SCHEMA rung OWNER TO somebody_else", "schema rung belongs to role somebody_else"},
		"all of another role's":        {"ALTER SCHEMA rung OWNER TO somebody_else; ALTER TABLE rung.format OWNER TO somebody_else", "the history in schema rung belongs to role somebody_else"},
		"a foreign table in its place": {"CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; DROP TABLE rung.control; CREATE FOREIGN TABLE rung.control (version numeric) SERVER s", "rung.control is a foreign table"},
		"a sequence where a table was": {"DROP TABLE rung.control; CREATE SEQUENCE rung.control", "rung.control is no table"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			up(t, url, f)
			pgtest.Exec(t, url, "DO $$BEGIN CREATE ROLE somebody_else; EXCEPTION WHEN duplicate_object OR unique_violation THEN END$$")
			pgtest.Exec(t, url, ran+c.make)
			pgtest.Exec(t, url, "DELETE FROM ran")
			r := testRunner(t, url, load(t, f.with(pairs{"2_b.up.sql": "CREATE TABLE b (id int);\n"})))
			renamed := testRunner(t, url, load(t, pairs{"1_b.up.sql": f["1_a.up.sql"], "1_b.down.sql": f["1_a.down.sql"]}))
			for command, do := range map[string]func() error{
				"up":       func() error { _, err := r.Up(testContext(t), UpRequest{}); return err },
				"down":     func() error { _, err := r.Down(testContext(t), Request{}); return err },
				"redo":     func() error { _, err := r.Redo(testContext(t), Request{}); return err },
				"status":   func() error { _, err := r.Status(testContext(t)); return err },
				"history":  func() error { _, err := r.History(testContext(t), 0); return err },
				"plan":     func() error { _, err := r.Plan(testContext(t), Down, UpRequest{}); return err },
				"repair":   func() error { _, err := renamed.Repair(testContext(t), nil); return err },
				"baseline": func() error { _, err := r.Baseline(testContext(t), "2"); return err },
				"plan --sql": func() error {
					return r.scriptTo(t)
				},
				"pause": func() error { _, err := r.Pause(testContext(t), nil); return err },
			} {
				var d *DisagreementError
				if err := do(); !errors.As(err, &d) || d.Findings[0].Kind != Foreign || !strings.HasPrefix(d.Findings[0].What, c.what+", wh") {
					t.Errorf("%s:\ngot  %v\nwant %s", command, err, c.what)
				}
			}
			is(t, url, "SELECT count(*) FROM ran", "0")
		})
	}
}

// A schema that another role has made before the first up is not used.
func TestForeignSchemaBeforeTheFirstUp(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "DO $$BEGIN CREATE ROLE somebody_else; EXCEPTION WHEN duplicate_object OR unique_violation THEN END$$; CREATE SCHEMA rung AUTHORIZATION somebody_else")
	r := testRunner(t, url, load(t, pairs{"1_a.up.sql": "SELECT 1;\n"}))
	for command, do := range map[string]func() error{
		"up":         func() error { _, err := r.Up(testContext(t), UpRequest{}); return err },
		"status":     func() error { _, err := r.Status(testContext(t)); return err },
		"baseline":   func() error { _, err := r.Baseline(testContext(t), "1"); return err },
		"plan --sql": func() error { return r.scriptTo(t) },
	} {
		var d *DisagreementError
		if err := do(); !errors.As(err, &d) || !strings.HasPrefix(d.Findings[0].What, "schema rung belongs to role somebody_else, who ") {
			t.Errorf("%s: %v", command, err)
		}
	}
	is(t, url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'rung'::regnamespace", "0")
}

func (r *Runner) scriptTo(t *testing.T) error {
	_, err := r.WriteScript(testContext(t), Up, UpRequest{}, &strings.Builder{})
	return err
}

// What an owner, an adviser or a DBA may well have on the tables is no reason
// to refuse.
func TestHistoryOfOnesOwn(t *testing.T) {
	t.Parallel()
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n"}
	for name, sql := range map[string]string{
		"row level security that lets all through": "ALTER TABLE rung.migrations ENABLE ROW LEVEL SECURITY; CREATE POLICY everything ON rung.migrations USING (length(name) > 0)",
		"an index of PostgreSQL's own":             "CREATE INDEX ON rung.log (lower(name)) WHERE version > 0",
		"a check of PostgreSQL's own":              "ALTER TABLE rung.log ADD CHECK (length(run) > 0)",
		"a view of somebody's that reads them":     "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(), * FROM rung.log",
		"a publication":                            "CREATE PUBLICATION p FOR TABLE rung.log",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			up(t, url, f)
			pgtest.Exec(t, url, sql)
			down(t, url, f, Request{})
			up(t, url, f)
		})
	}
}
