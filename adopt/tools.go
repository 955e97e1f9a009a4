package adopt

import (
	"strings"
	"time"

	"rung/internal/othertool"
)

// state is what another history says of a version.
type state string

const (
	applied state = "applied"
	// failed is in the middle: dirty, half, or not ended.
	failed state = "failed"
	// undone is reverted since, or taken out by hand.
	undone state = "undone"
	// below says that all up to it is in place, which that tool did not run.
	below state = "below"
	// other is what has no version.
	other state = "other"
)

// entry is one version of another history.
type entry struct {
	version, name string
	state         state
	at            time.Time // zero where it does not say
	checksum      string    // the tool's own
}

// mode is how a history says what ran.
type mode int

const (
	each  mode = iota // a row for each version
	upTo              // one row: all up to it
	order             // a row for each, without a name: the first is the first file
)

// tool is how to read one tool's history.
type tool struct {
	mode mode
	// needs are the columns that the reading uses.
	needs []string
	// read is SQL for version, name, state, time and checksum of each; {name?} is a
	// column that older ones lack.
	read string
}

// tools are those whose history says what ran, by the name in othertool.Tables. What is
// there and not here is recognised, and refused.
var tools = map[string]tool{
	"golang-migrate": {
		upTo,
		[]string{"version", "dirty"},
		"SELECT version::text, NULL, CASE WHEN dirty THEN 'failed' ELSE 'applied' END, NULL, NULL FROM {table}",
	},
	"tern": {
		upTo,
		[]string{"version"},
		"SELECT version::text, NULL, 'applied', NULL, NULL FROM {table}",
	},
	"goose": {
		each,
		[]string{"id", "version_id", "is_applied", "tstamp"},
		"SELECT DISTINCT ON (version_id) version_id::text, NULL, CASE WHEN is_applied THEN 'applied' ELSE 'undone' END, tstamp::timestamptz, NULL " +
			"FROM {table} WHERE version_id <> 0 ORDER BY version_id, id DESC",
	},
	"dbmate": {
		each,
		[]string{"version"},
		"SELECT version::text, NULL, 'applied', NULL, NULL FROM {table}",
	},
	"Rails": {
		each,
		[]string{"version"},
		"SELECT version::text, NULL, 'applied', NULL, NULL FROM {table}",
	},
	"Ecto": {
		each,
		[]string{"version", "inserted_at"},
		"SELECT version::text, NULL, 'applied', inserted_at::timestamp AT TIME ZONE 'UTC', NULL FROM {table}",
	},
	"Flyway": {
		each,
		[]string{"installed_rank", "version", "description", "type", "script", "checksum", "installed_on", "success"},
		"SELECT * FROM (SELECT DISTINCT ON (version) version::text, CASE WHEN type::text LIKE '%BASELINE%' THEN NULL ELSE description::text END, " +
			"CASE WHEN NOT success THEN 'failed' WHEN type::text LIKE 'UNDO%' OR type::text = 'DELETE' THEN 'undone' " +
			"WHEN type::text LIKE '%BASELINE%' THEN 'below' ELSE 'applied' END, installed_on::timestamptz, checksum::text " +
			"FROM {table} WHERE version IS NOT NULL ORDER BY version, installed_rank DESC) AS v UNION ALL " +
			"SELECT DISTINCT NULL, script::text, 'other', NULL::timestamptz, NULL FROM {table} WHERE version IS NULL AND type::text <> 'SCHEMA' AND type::text <> 'DELETE'",
	},
	"node-pg-migrate": {
		each,
		[]string{"name", "run_on"},
		"SELECT name::text, NULL, 'applied', run_on::timestamptz, NULL FROM {table}",
	},
	"knex": {
		each,
		[]string{"name", "migration_time"},
		"SELECT name::text, NULL, 'applied', migration_time::timestamptz, NULL FROM {table}",
	},
	"Prisma": {
		each,
		[]string{"migration_name", "checksum", "finished_at", "rolled_back_at"},
		"SELECT migration_name::text, NULL, CASE WHEN bool_or(finished_at IS NULL AND rolled_back_at IS NULL) THEN 'failed' " +
			"WHEN bool_or(finished_at IS NOT NULL AND rolled_back_at IS NULL) THEN 'applied' ELSE 'undone' END, " +
			"max(finished_at)::timestamptz, max(checksum::text) FROM {table} GROUP BY migration_name",
	},
	"sqlx": {
		each,
		[]string{"version", "description", "installed_on", "success", "checksum"},
		"SELECT version::text, description::text, CASE WHEN success THEN 'applied' ELSE 'failed' END, installed_on::timestamptz, encode(checksum, 'hex') FROM {table}",
	},
	"diesel": {
		each,
		[]string{"version", "run_on"},
		"SELECT version::text, NULL, 'applied', run_on::timestamptz, NULL FROM {table}",
	},
	"sqitch": {
		each,
		[]string{"change", "script_hash", "committed_at"},
		"SELECT NULL, change::text, 'applied', committed_at::timestamptz, script_hash::text FROM {table}",
	},
	"Supabase": {
		each,
		[]string{"version"},
		"SELECT version::text, {name?}, 'applied', NULL, NULL FROM {table}",
	},
	"refinery": {
		each,
		[]string{"version", "name", "applied_on", "checksum"},
		"SELECT version::text, name::text, 'applied', CASE WHEN applied_on::text ~ '^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:' THEN applied_on::text::timestamptz END, checksum::text FROM {table}",
	},
	"sql-migrate": {
		each,
		[]string{"id", "applied_at"},
		"SELECT id::text, NULL, 'applied', applied_at::timestamptz, NULL FROM {table}",
	},
	"drizzle": {
		order,
		[]string{"hash", "created_at"},
		// created_at is when the file was generated; it does not say when it ran.
		"SELECT created_at::text, NULL, 'applied', NULL, hash::text FROM {table}",
	},
	"graphile-migrate": {
		each,
		[]string{"hash", "filename", "date"},
		"SELECT filename::text, NULL, 'applied', date::timestamptz, hash::text FROM {table}",
	},
	"Atlas": {
		each,
		[]string{"version", "description", "type", "applied", "total", "executed_at", "hash"},
		"SELECT version::text, description::text, CASE WHEN type::bigint = 1 THEN 'below' WHEN applied < total THEN 'failed' ELSE 'applied' END, executed_at::timestamptz, hash::text " +
			"FROM {table} WHERE left(version::text, 1) <> '.'",
	},
	"Play": {
		each,
		[]string{"id", "hash", "applied_at", "state"},
		"SELECT id::text, NULL, CASE state::text WHEN 'applied' THEN 'applied' ELSE 'failed' END, applied_at::timestamptz, hash::text FROM {table}",
	},
}

// mostEntries is how many versions a history may have: what is more is no history.
const mostEntries = 100_000

// query is SQL for the entries of a history. Its columns are of PostgreSQL's own
// types, and its names mean PostgreSQL's own.
func (t tool) query(h *othertool.History) string {
	name := "NULL"
	for _, c := range h.Columns {
		if c == "name" {
			name = "name::text"
		}
	}
	q := strings.NewReplacer("{table}", "ONLY "+h.Where(), "{name?}", name).Replace(t.read)
	return "SELECT q.version::text, q.name::text, q.state::text, CASE WHEN isfinite(q.at::timestamptz) THEN q.at::timestamptz END, q.checksum::text FROM (" +
		q + ") AS q(version, name, state, at, checksum) LIMIT 100001"
}
