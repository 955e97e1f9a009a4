package files

import "testing"

func TestBuildsOnNewTable(t *testing.T) {
	for sql, want := range map[string]bool{
		"CREATE TABLE t (id int); CREATE INDEX ON t (id)":                                                           true,
		"CREATE TABLE app.t (id int); CREATE UNIQUE INDEX t_i ON app.t USING btree (id)":                            true,
		"CREATE TABLE t (id int); CREATE INDEX ON t (id); CREATE TABLE u (id int); CREATE INDEX ON T (id, abs(id))": true,
		"CREATE INDEX ON t (id)":                                                                           false,
		"CREATE TABLE t (id int)":                                                                          false,
		"CREATE TABLE t (id int); CREATE INDEX ON u (id)":                                                  false,
		"CREATE TABLE app.t (id int); CREATE INDEX ON other.t (id)":                                        false,
		"CREATE TABLE t AS SELECT 1 AS id; CREATE INDEX ON t (id)":                                         false,
		"CREATE TABLE IF NOT EXISTS t (id int); CREATE INDEX ON t (id)":                                    false,
		"CREATE TABLE t (id int) PARTITION BY LIST (id); CREATE INDEX ON t (id)":                           false,
		"CREATE TABLE t (id int); INSERT INTO t SELECT 1; CREATE INDEX ON t (id)":                          false,
		"CREATE TABLE t (id int); SELECT pg_sleep(1); CREATE INDEX ON t (id)":                              false,
		"CREATE TABLE t (id int); CREATE INDEX ON t (id); ALTER TABLE u ADD FOREIGN KEY (id) REFERENCES t": false,
	} {
		s, err := RecordedScript("1_a.up.sql", sql)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.buildsOnNewTables()[len(s.Parsed.Statements)-1]; got != want {
			t.Errorf("%s: %v", sql, got)
		}
	}
}

func TestOnlyMakesTables(t *testing.T) {
	for sql, want := range map[string]bool{
		"CREATE TABLE t (id int PRIMARY KEY, at timestamptz DEFAULT now())":                   true,
		"CREATE TABLE t (id int, \"references\" text DEFAULT 'like'); CREATE INDEX ON t (id)": true,
		"CREATE TABLE t (id int); CREATE TABLE u (id int)":                                    true,
		"CREATE TABLE t (id int REFERENCES u)":                                                false,
		"CREATE TABLE t (id int, FOREIGN KEY (id) references u)":                              false,
		"CREATE TABLE t (LIKE u INCLUDING ALL)":                                               false,
		"CREATE TABLE t (id int) INHERITS (u)":                                                false,
		"CREATE TABLE t (id) AS SELECT set_config('search_path', 'u', false)":                 false,
		"CREATE TABLE t PARTITION OF u FOR VALUES IN (1)":                                     false,
		"CREATE TEMP TABLE t (id int)":                                                        false,
		"CREATE TABLE t (id int); CREATE INDEX ON u (id)":                                     false,
		"CREATE TABLE t (id int); SET search_path = u":                                        false,
		"SELECT 1": false,
		"":         false,
	} {
		s, err := RecordedScript("1_a.up.sql", sql)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Brief().All(); got != want {
			t.Errorf("%s: %v", sql, got)
		}
	}
}
