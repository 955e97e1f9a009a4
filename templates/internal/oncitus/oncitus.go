// Package oncitus is what templates write otherwise, or not at all, for the distributed
// tables of a Citus cluster.
package oncitus

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"rung/internal/citus"
	"rung/internal/lazyre"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// On Citus a template writes for a distributed table only what was seen to run on one
// (docs/citus.md). What the workers need besides stands in the file, where a DBA sees it.

// untried are the templates that do not, and why.
var untried = map[string]string{
	"bigint-key":      "none of its steps was tried on Citus",
	"change-type":     "its triggers and its switch were not tried on Citus as they are written now",
	"derived-column":  "its triggers lock rows of another table from within a shard, and each INSERT, UPDATE and DELETE of the application would fail with \"could not run distributed query with FOR UPDATE/SHARE commands\"",
	"enum-online":     "its fill reads the enum as text, and Citus refuses that: \"STABLE functions used in UPDATE queries cannot be called with column references\"",
	"enum-retire":     "its trigger writes to a side table from within a shard, and its batches lock rows, which Citus refuses: \"could not run distributed query with FOR UPDATE/SHARE commands\"",
	"enum-rolling":    "none of its steps was tried on Citus",
	"enum-swap":       "its down migration reads the enum as text, and Citus refuses that: \"STABLE functions used in UPDATE queries cannot be called with column references\"",
	"json-rename-key": "none of its steps was tried on Citus",
	"json-split":      "its down migration builds JSON inside of CASE, and Citus refuses that: \"non-IMMUTABLE functions are not allowed in CASE or COALESCE statements\"",
	"list-to-table":   "none of its steps was tried on Citus",
	"soft-delete":     "its down migration has now() inside of CASE, and Citus refuses that: \"non-IMMUTABLE functions are not allowed in CASE or COALESCE statements\"",
	"text-to-enum":    "none of its steps was tried on Citus",
}

// Check refuses a template that would write what does not run on the distributed table
// that it is for, and chooses the way that was tried. It returns the table; "" where none
// is distributed, and where nobody looks.
func Check(ctx context.Context, in *task.Input, template string, takesWay bool) (table string, err error) {
	if in.DB == nil {
		return "", nil
	}
	table, err = distributed(ctx, in.DB, in.Params["table"], in.Params["type"])
	if err != nil || table == "" {
		return "", err
	}
	if why, is := untried[template]; is {
		return "", mistake.New("template "+template+" does not work on "+table+", a table of the Citus cluster: "+why,
			"docs/citus.md says what works; on a local table of the coordinator the template does")
	}
	if takesWay {
		if in.Params["way"] == "direct" {
			return "", mistake.New("way=direct was not tried on "+table+", a table of the Citus cluster", "leave it out: batches over the key work")
		}
		in.Params["way"] = "online"
	}
	return table, nil
}

// distributed names the first table of the cluster's among the one named and those with
// a column of the type named; "" for none, and without Citus.
func distributed(ctx context.Context, db *catalog.Catalog, table, typ string) (name string, err error) {
	here, err := db.OnCitus(ctx)
	if err != nil || !here {
		return "", err
	}
	var oid, typeOID sql.NullInt64
	var path sql.NullString
	if table != "" {
		err = db.UsualRow(ctx, catalog.SQL("find_table"), table).Scan(&oid, &path)
	}
	if typ != "" && err == nil {
		typeOID, err = db.UsualType(ctx, typ)
	}
	if catalog.NoName(err) {
		return "", nil // the template says so
	} else if err != nil {
		return "", err
	}
	err = db.QueryRow(ctx, citus.DistributedSQL, oid, typeOID).Scan(&name)
	return name, err
}

var (
	makesTrigger = lazyre.New(`(?m)^CREATE (OR REPLACE )?TRIGGER `)
	changesType  = lazyre.New(`(?m)^(CREATE|ALTER|DROP) TYPE |^ +ALTER COLUMN .* TYPE `)
	addsValue    = lazyre.New(`(?m)^ALTER TYPE .* (ADD|RENAME) VALUE `)
)

// Settings writes into a file for a table of the cluster's what the workers ask for:
// behind the comments at its head.
func Settings(text string) string {
	var sets string
	if makesTrigger.MatchString(text) {
		sets += "\n-- Citus: the trigger reads and writes its own row alone, so it is right on each shard.\nSET citus.enable_unsafe_triggers = on;\n"
	}
	if changesType.MatchString(addsValue.ReplaceAllString(text, "")) {
		sets += "\n-- Citus: a type cannot change beside what runs on several connections to a node.\nSET LOCAL citus.multi_shard_modify_mode = 'sequential';\n"
	}
	lines := strings.SplitAfter(text, "\n")
	body := slices.IndexFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "--") })
	if sets == "" || body < 0 {
		return text
	}
	return strings.Join(lines[:body], "") + sets + strings.Join(lines[body:], "")
}
