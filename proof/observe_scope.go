package proof

import (
	"context"
	"strings"

	"rung/internal/pgtext"
)

// scratchScope is the schema of a scratch database that stands for the one that
// the files are for. Its relations have no schema in front in what is reported:
// the files do not write one either.
const scratchScope = "rung_scope"

// makeScope makes it, and the schemas that a search_path has besides.
func makeScope(ctx context.Context, d *Database, shared []string) error {
	db, err := d.open()
	if err != nil {
		return err
	}
	defer db.Close()
	text := "CREATE SCHEMA " + scratchScope
	for _, s := range shared {
		text += "; CREATE SCHEMA IF NOT EXISTS " + pgtext.Ident(s)
	}
	d.set("search_path", pathOf(scratchScope, shared))
	_, err = db.ExecContext(ctx, text)
	return err
}

// pathOf is the search_path of files that are for a schema.
func pathOf(scope string, shared []string) string {
	path := pgtext.Ident(scope)
	for _, s := range shared {
		path += ", " + pgtext.Ident(s)
	}
	return path
}

// qualified is a relation's name as SQL, for a report.
func qualified(schema, name string) string {
	if schema == scratchScope {
		return pgtext.Ident(name)
	}
	return pgtext.Ident(schema) + "." + pgtext.Ident(name)
}

// unscoped is a text of the scratch server's without that schema.
func unscoped(text string) string {
	return strings.NewReplacer(`"`+scratchScope+`".`, "", scratchScope+".", "").Replace(text)
}
