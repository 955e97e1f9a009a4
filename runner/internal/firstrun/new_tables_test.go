package firstrun

import (
	"strings"
	"testing"

	"rung/runner/internal/files"
)

func TestNewTables(t *testing.T) {
	for sql, want := range map[string]string{
		"CREATE TABLE a (); COMMENT ON TABLE a IS 'x'; CREATE UNLOGGED TABLE s.\"B c\" (); GRANT SELECT ON a TO b": ".a s.B c",
		"BEGIN; create table A(); COMMIT": ".a",
		"CREATE TABLE IF NOT EXISTS a (); CREATE TEMP TABLE b (); CREATE FUNCTION c() RETURNS int LANGUAGE sql AS 'SELECT 1'": "",
		"DROP TABLE IF EXISTS a; CREATE TABLE a ()":       "",
		"ALTER TABLE a RENAME TO b; CREATE TABLE a ()":    "",
		"SET search_path = x; CREATE TABLE a ()":          "",
		"SET client_encoding = 'UTF8'; CREATE TABLE a ()": ".a",
		"DO 'BEGIN END'; CREATE TABLE a ()":               "",
	} {
		script, err := files.RecordedScript("1_a.up.sql", sql)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range newTables(script) {
			got = append(got, n.schema+"."+n.name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v", sql, got)
		}
	}
}
