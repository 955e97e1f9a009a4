package othertool

import (
	"slices"
	"strings"

	"github.com/lib/pq"
)

// Table is how to know a tool by the table of its history.
type Table struct {
	Tool string
	// Schema is where it always is; "" for the schemas of the search path.
	Schema string
	Name   string
	// Has and Lacks are columns that tell it from others of the name; Beside is
	// a table that stands in the same schema.
	Has, Lacks []string
	Beside     string
	// newest is SQL for what it says has run, NULL for nothing.
	newest string
}

// newestOf counts the rows of a table with one for each version.
func newestOf(version, where string) string {
	return strings.ReplaceAll("CASE pg_catalog.count(*) WHEN 0 THEN NULL WHEN 1 THEN pg_catalog.format('version %s', pg_catalog.max({version})) "+
		"ELSE pg_catalog.format('%s versions, the newest %s', pg_catalog.count(*), pg_catalog.max({version})) END FROM {table}"+where, "{version}", version)
}

// Tables are in order: of two that fit one table, the first is meant.
var Tables = []Table{
	{
		Tool: "golang-migrate", Name: "schema_migrations", Has: []string{"version", "dirty"},
		newest: "pg_catalog.max(pg_catalog.format('version %s%s', version, CASE WHEN dirty THEN ', dirty' END)) FROM {table}",
	},
	{Tool: "Supabase", Schema: "supabase_migrations", Name: "schema_migrations", Has: []string{"version"}, newest: newestOf("version::text", "")},
	{Tool: "Ecto", Name: "schema_migrations", Has: []string{"version", "inserted_at"}, newest: newestOf("version::bigint", "")},
	{Tool: "Rails", Name: "schema_migrations", Has: []string{"version"}, Beside: "ar_internal_metadata", newest: newestOf("version::text", "")},
	{Tool: "dbmate", Name: "schema_migrations", Has: []string{"version"}, newest: newestOf("version::text", "")},
	{Tool: "goose", Name: "goose_db_version", Has: []string{"version_id", "is_applied"}, newest: newestOf("version_id::bigint", " WHERE is_applied AND version_id <> 0")},
	{Tool: "Flyway", Name: "flyway_schema_history", Has: []string{"installed_rank", "script"}, newest: newestOf("version::text", "")},
	{Tool: "Flyway", Name: "schema_version", Has: []string{"installed_rank", "script"}, newest: newestOf("version::text", "")},
	{Tool: "tern", Name: "schema_version", Has: []string{"version"}, newest: "pg_catalog.max(pg_catalog.format('version %s', version)) FROM {table} WHERE version <> 0"},
	{Tool: "node-pg-migrate", Name: "pgmigrations", Has: []string{"name", "run_on"}, newest: newestOf("name::text", "")},
	{Tool: "knex", Name: "knex_migrations", Has: []string{"name", "batch"}, newest: newestOf("name::text", "")},
	{Tool: "drizzle", Schema: "drizzle", Name: "__drizzle_migrations", Has: []string{"hash"}, newest: newestOf("created_at::bigint", "")},
	{Tool: "sqitch", Schema: "sqitch", Name: "changes", Has: []string{"change_id", "change"}, newest: newestOf("planned_at::text", "")},
	{Tool: "Prisma", Name: "_prisma_migrations", Has: []string{"migration_name", "finished_at"}, newest: newestOf("migration_name::text", " WHERE rolled_back_at IS NULL")},
	{Tool: "sqlx", Name: "_sqlx_migrations", Has: []string{"version", "success"}, newest: newestOf("version::bigint", "")},
	{Tool: "diesel", Name: "__diesel_schema_migrations", Has: []string{"version", "run_on"}, newest: newestOf("version::text", "")},
	{Tool: "refinery", Name: "refinery_schema_history", Has: []string{"version", "applied_on"}, newest: newestOf("version::bigint", "")},
	{Tool: "sql-migrate", Name: "gorp_migrations", Has: []string{"id", "applied_at"}, newest: newestOf("id::text", "")},
	{Tool: "graphile-migrate", Schema: "graphile_migrate", Name: "migrations", Has: []string{"hash", "filename"}, newest: newestOf("filename::text", "")},
	{Tool: "Atlas", Schema: "atlas_schema_revisions", Name: "atlas_schema_revisions", Has: []string{"version"}, newest: newestOf("version::text", "")},
	{Tool: "pgroll", Schema: "pgroll", Name: "migrations", Has: []string{"name"}, newest: newestOf("name::text", "")},
	{Tool: "Play", Name: "play_evolutions", Has: []string{"id", "hash"}, newest: newestOf("id::bigint", "")},
	{Tool: "Liquibase", Name: "databasechangelog", Has: []string{"id", "md5sum"}, newest: newestOf("id::text", "")},
	{Tool: "Django", Name: "django_migrations", Has: []string{"app", "name"}, newest: newestOf("id::bigint", "")},
	{Tool: "Alembic", Name: "alembic_version", Has: []string{"version_num"}, newest: newestOf("version_num::text", "")},
}

// Candidate is a table of the database that has the name of one of those.
type Candidate struct {
	Schema, Name string
	Columns      []string
}

// Candidates is SQL for them: schema, name and an array of columns, in the
// schemas of a search path and those that some tools have of their own. It
// takes ordinary tables alone, and of their columns those of PostgreSQL's own
// types: what is read of them later runs nobody's code. It names all that it
// uses, for a session in which others may create.
func Candidates(path []string) string { return CandidatesFor(Tables, path) }

// CandidatesFor is Candidates for some of the tables.
func CandidatesFor(tables []Table, path []string) string {
	names, schemas := []string{}, append([]string{"public"}, path...)
	for _, t := range tables {
		if t.Beside != "" {
			names = append(names, t.Beside)
		}
		names = append(names, t.Name)
		if t.Schema != "" {
			schemas = append(schemas, t.Schema)
		}
	}
	return `SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text, pg_catalog.array_agg(a.attname::pg_catalog.text)
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
 WHERE c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog."char"
   AND t.typnamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid
   AND c.relname OPERATOR(pg_catalog.=) ANY (` + array(names) + `)
   AND n.nspname OPERATOR(pg_catalog.=) ANY (` + array(schemas) + `)
 GROUP BY n.nspname, c.relname
 ORDER BY n.nspname, c.relname`
}

func array(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strings.TrimLeft(pq.QuoteLiteral(w), " ")
	}
	return "ARRAY[" + strings.Join(quoted, ", ") + "]::pg_catalog.name[]"
}

// History is the history of another tool.
type History struct {
	Table
	// In is the schema that it was found in; Columns are those of PostgreSQL's own types.
	In      string
	Columns []string
}

// Recognise finds the histories among the candidates.
func Recognise(found []Candidate) []History { return RecogniseAs(Tables, found) }

// RecogniseAs is Recognise for some of the tables.
func RecogniseAs(tables []Table, found []Candidate) (all []History) {
	for _, c := range found {
		for _, t := range tables {
			if t.fits(c, found) {
				all = append(all, History{t, c.Schema, c.Columns})
				break
			}
		}
	}
	return all
}

func (t *Table) fits(c Candidate, all []Candidate) bool {
	has := func(column string) bool { return slices.Contains(c.Columns, column) }
	beside := func(b Candidate) bool { return b.Schema == c.Schema && b.Name == t.Beside }
	return t.Name == c.Name && (t.Schema == "" || t.Schema == c.Schema) &&
		!slices.ContainsFunc(t.Has, func(column string) bool { return !has(column) }) &&
		!slices.ContainsFunc(t.Lacks, has) &&
		(t.Beside == "" || slices.ContainsFunc(all, beside))
}

// Named are the tables of a tool, or one of another name where that is given. The
// schema may be "" for any.
func Named(tool, schema, name string) (all []Table) {
	for _, t := range Tables {
		if !strings.EqualFold(t.Tool, tool) {
			continue
		}
		if name != "" {
			t.Schema, t.Name = schema, name
		}
		all = append(all, t)
	}
	return all
}

// Where is the table's name as SQL.
func (h *History) Where() string {
	return pq.QuoteIdentifier(h.In) + "." + pq.QuoteIdentifier(h.Name)
}

// Newest is SQL for one text, or NULL where nothing has run by that history. It
// is to run where search_path is pg_catalog and row_security off.
func (h *History) Newest() string {
	return "SELECT " + strings.ReplaceAll(h.newest, "{table}", "ONLY "+h.Where())
}
