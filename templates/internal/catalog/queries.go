package catalog

import (
	"embed"
	"regexp"
	"strings"
)

//go:embed sql/*.sql
var EnumQueries embed.FS

// family stands for :family in a catalog query: a table ($1) and those that have
// their columns from it, at whatever distance.
const family = `family (oid) AS (
    SELECT $1::oid
     UNION
    SELECT h.inhrelid
      FROM family AS f
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
)`

// SQL is one of the catalog queries.
func SQL(name string) string {
	text, err := EnumQueries.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // it is embedded: a name that is not there cannot have been tested
	}
	return UsersOptions.ReplaceAllString(strings.ReplaceAll(string(text), ":family", family), OptionsSQL)
}

// UsersOptions stands for the settings of a column that a user made, as text, or
// NULL: :options(attoptions) in a query.
var UsersOptions = regexp.MustCompile(`:options\(([a-z.]+)\)`)

// OptionsSQL leaves out what the server keeps for itself among a column's settings,
// and pg_dump does not print: pg_attver, another number after each change, is in
// security releases of 13 November 2026. No user can set what begins with pg_.
const OptionsSQL = `(SELECT pg_catalog.string_agg(o, ', ' ORDER BY o) FROM pg_catalog.unnest($1) AS o WHERE NOT pg_catalog.starts_with(o, 'pg_'))`
