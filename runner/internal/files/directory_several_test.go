package files

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Several directories, and their sub-folders where that is asked for, are one
// order of versions.
func TestLoadAll(t *testing.T) {
	one := Source{pairs{"1_a.up.sql": "SELECT 1;", "3_c.up.sql": "SELECT 1;", "deep/er/4_d.up.sql": "SELECT 1;"}.fs(), "one"}
	two := Source{pairs{"2_b.up.sql": "SELECT 1;", "1_a.down.sql": "SELECT 1;", "03_x.up.sql": "SELECT 1;", ".git/9_z.up.sql": "", "templates/8_y.up.sql": ""}.fs(), "two"}
	d, err := LoadAll([]Source{one, two}, true)
	must(t, err)
	var got []string
	for _, line := range described(d) {
		if !strings.HasPrefix(line, "warning") {
			got = append(got, line)
		}
	}
	want := []string{"1 a, up one/1_a.up.sql, down two/1_a.down.sql", "2 b, up two/2_b.up.sql", "3 c, up one/3_c.up.sql", "4 d, up one/deep/er/4_d.up.sql"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := fmt.Sprint(d.Bad()); got != "two/03_x.up.sql: version 3 is already used by one/3_c.up.sql; renumber one of them (leading zeros do not count)" {
		t.Error(got)
	}
	if d.Label != "one, two" {
		t.Error(d.Label)
	}
}

// A directory without migrations says what is there in their place.
func TestLooksLike(t *testing.T) {
	for name, c := range map[string]struct {
		files pairs
		want  string
	}{
		"goose":                            {pairs{"001_a.sql": "-- +goose Up\nSELECT 1;\n"}, "`rung import sql --dir NEW`"},
		"dbmate":                           {pairs{"20240101000000_a.sql": "\n-- migrate:up\nSELECT 1;\n"}, "`rung import sql --dir NEW`"},
		"sql-migrate":                      {pairs{"1_a.sql": "-- +migrate Up\n"}, "`rung import sql --dir NEW`"},
		"tern":                             {pairs{"001_a.sql": "SELECT 1;\n---- create above / drop below ----\n"}, "`rung import sql --dir NEW`"},
		"node-pg-migrate":                  {pairs{"1700000000001_a.sql": "-- Up Migration\n"}, "`rung import sql --dir NEW`"},
		"Flyway or refinery":               {pairs{"V1__init.sql": "", "R__views.sql": ""}, "`rung import sql --dir NEW`"},
		"drizzle":                          {pairs{"0000_a.sql": "", "meta/_journal.json": "{}"}, "`rung import sql --dir NEW`"},
		"Prisma":                           {pairs{"20240101000000_init/migration.sql": "", "migration_lock.toml": ""}, "`rung import sql --dir NEW`"},
		"diesel":                           {pairs{"2024-01-01-000000_a/up.sql": "", "2024-01-01-000000_a/down.sql": ""}, "`rung import sql --dir NEW`"},
		"sqitch":                           {pairs{"sqitch.plan": "", "deploy/a.sql": ""}, "`rung import sql --dir NEW`"},
		"Rails":                            {pairs{"20240101000000_create_users.rb": ""}, "`rung baseline --to 1`"},
		"Alembic or Django":                {pairs{"0001_initial.py": "", "__init__.py": ""}, "`rung baseline --to 1`"},
		"knex, TypeORM or node-pg-migrate": {pairs{"20240101000000_a.js": ""}, "`rung baseline --to 1`"},
		"sqlx or Supabase":                 {pairs{"20240101000000_a.sql": "SELECT 1;"}, "`rung import sql --dir NEW`"},
		"":                                 {pairs{"README.md": "", "notes.sql": ""}, "000001_create_users.up.sql"},
		"sub-folders":                      {pairs{"more/1_a.up.sql": "SELECT 1;"}, "--recursive"},
	} {
		err := loadBad(t, c.files).MustHaveFiles()
		var hinted *HintedError
		if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint, c.want) {
			t.Errorf("%s: %+v", name, err)
			continue
		}
		if name != "" && name != "sub-folders" && !strings.HasSuffix(err.Error(), "looks like one of "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
