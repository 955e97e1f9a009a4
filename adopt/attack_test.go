package adopt

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

func sha1Hex(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Whoever may create in a schema of the search path, and name a table as a tool
// does, runs nothing as the role that adopts.
func TestAdoptRunsNobodysCode(t *testing.T) {
	const spy = `CREATE TABLE caught (by text);
		CREATE FUNCTION trap() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught'; END$$;
		CREATE FUNCTION max(text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught'; END$$;
		CREATE FUNCTION isfinite(timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught'; END$$;
		CREATE FUNCTION eq(bigint, int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught'; END$$;
		CREATE OPERATOR <> (LEFTARG = bigint, RIGHTARG = int, FUNCTION = eq);
		CREATE OPERATOR = (LEFTARG = varchar, RIGHTARG = text, FUNCTION = veq);`
	veq := "CREATE FUNCTION veq(varchar, text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught'; END$$;"
	for name, c := range map[string]struct{ ddl, want string }{
		"functions and operators": {veq + spy + made["goose"] + "INSERT INTO goose_db_version VALUES (2, 1, true)", "1"},
		"a view":                  {"CREATE VIEW goose_db_version AS SELECT 1 AS id, 1::bigint AS version_id, 1 / 0 = 1 AS is_applied, now()::timestamp AS tstamp", "there is no history"},
		"a domain":                {"CREATE DOMAIN d AS boolean CHECK (VALUE); CREATE TABLE goose_db_version (id int, version_id bigint, is_applied d, tstamp timestamp)", "there is no history"},
		"row security":            {made["goose"] + "INSERT INTO goose_db_version VALUES (2, 1, true); ALTER TABLE goose_db_version ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON goose_db_version USING (1 / 0 = 1)", "1"}, // superusers pass it by
		"a child's rows":          {made["tern"] + "INSERT INTO schema_version VALUES (1); CREATE TABLE child () INHERITS (schema_version); INSERT INTO child VALUES (3)", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			pgtest.Exec(t, url, c.ddl)
			_, err := run(t, url, ladder, Request{})
			if got := outcome(t, url, err); got != c.want && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
}

// A role that may not read it is told so.
func TestAdoptWithoutRights(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, made["goose"]+`INSERT INTO goose_db_version VALUES (2, 1, true); REVOKE ALL ON goose_db_version FROM PUBLIC;
		DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO PUBLIC', current_database()); END$$;
		DO $$BEGIN CREATE ROLE adopts_little LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END$$`)
	_, err := run(t, strings.Replace(url, "postgres@", "adopts_little@", 1), ladder, Request{})
	if err == nil || !strings.Contains(err.Error(), "which this role may not read") || !strings.Contains(err.Error(), "GRANT SELECT ON") {
		t.Error(err)
	}
	pgtest.Exec(t, url, `CREATE SCHEMA sqitch; ALTER TABLE goose_db_version SET SCHEMA sqitch`)
	_, err = run(t, strings.Replace(url, "postgres@", "adopts_little@", 1), ladder, Request{From: "goose", Table: "sqitch.goose_db_version"})
	if err == nil || !strings.Contains(err.Error(), `GRANT USAGE ON SCHEMA "sqitch", and SELECT ON "sqitch"."goose_db_version", to this role`) {
		t.Error(err)
	}
}
