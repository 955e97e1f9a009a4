package templates

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
)

// looks are the built-in templates' eyes.
var looks = map[string]lookFunc{
	"add-column":      lookAddColumn,
	"add-foreign-key": lookAddForeignKey,
	"add-index":       lookAddIndex,
	"backfill":        lookBackfill,
	"change-type":     lookChangeType,
	"derived-column":  lookDerivedColumn,
	"json-rename-key": lookJSONRenameKey,
	"json-split":      lookJSONSplit,
	"list-to-table":   lookListToTable,
	"set-not-null":    lookSetNotNull,
	"soft-delete":     lookSoftDelete,
}

func lookBackfill(ctx context.Context, in *Input) (map[string]any, error) {
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if col.Generated {
		return nil, refusef("%s.%s is a generated column: PostgreSQL fills it by itself", t.As, pgtext.Ident(col.Name))
	}
	keep, err := in.flag("keep")
	if err != nil {
		return nil, err
	}
	if err := t.keyFrom(in.Params["key"]); err != nil {
		return nil, err
	}
	direct, err := in.way(ctx, t, updates)
	if err != nil {
		return nil, err
	}
	key := ""
	if !direct || keep {
		if key, err = in.batchKey(ctx, t); err != nil {
			return nil, err
		}
	}
	if !direct && has(t.Key, col.Name) {
		return nil, &Mistake{fmt.Sprintf("%s.%s is of the key that the batches go along: a row that this moves ahead would come again", t.As, pgtext.Ident(col.Name)), "give other columns by --set key=…"}
	}
	// What the user wrote may be an OR.
	where := pgtext.Ident(col.Name) + " IS NULL"
	if given := in.Params["where"]; given != "" {
		where = "(" + given + ")"
	}
	if err := firstOf(in.assigns(ctx, "value", col.Type, in.Params["value"], t.As), in.ofOneRow(ctx, "value", in.Params["value"], t.As),
		in.compiles(ctx, "where", "SELECT FROM "+t.As+" WHERE "+where)); err != nil {
		return nil, err
	}
	in.unseen("whether %s is the primary key of %s, or a unique index over NOT NULL columns", t.KeyList(), t.As)
	side, filled, asText := Name(t.Name, col.Name, "before"), Name(col.Name, "filled"), ""
	for has(t.Key, filled) {
		filled = Name(filled, "1")
	}
	if keep {
		if t.HasChildren {
			return nil, &Mistake{"other tables inherit from " + t.As + ", and may have the same keys: what the rows held cannot be kept by key", "leave keep out"}
		}
		if err := firstOf(in.tellsApart(ctx, t), in.free(ctx, t, side)); err != nil {
			return nil, err
		}
		if asText, err = in.compareAs(ctx, col.Type); err != nil {
			return nil, err
		}
		in.Sayf("%s keeps the earlier values for the down migration: drop it when you no longer need that", t.Beside(side))
	}
	data := map[string]any{"t": t, "key": key, "keep": keep, "where": where, "side": t.Beside(side), "filled": filled, "as_text": asText, "direct": direct}
	if direct {
		small := in.small(t, updates, "SHARE ROW EXCLUSIVE", "")
		data["small"] = small
		return data, in.sayDirect(ctx, small, col.Name, "")
	}
	in.Sayf("%s: %s; in batches over %s", t.As, in.about(t.Rows), key)
	in.Sayf("locks: the rows of one batch at a time")
	return data, in.sayFired(ctx, t, col.Name)
}

func lookSetNotNull(ctx context.Context, in *Input) (map[string]any, error) {
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if col.NotNull {
		return nil, refusef("%s.%s is NOT NULL already", t.As, pgtext.Ident(col.Name))
	}
	check := Name(t.Name, col.Name, "is_not_null")
	if err := firstOf(in.freeConstraint(ctx, t, check), in.heirsAllow(ctx, t, col)); err != nil {
		return nil, err
	}
	direct, err := in.way(ctx, t, scans)
	if err != nil {
		return nil, err
	}
	data := map[string]any{"t": t, "check": check, "direct": direct}
	if direct {
		small := in.small(t, scans, "ACCESS EXCLUSIVE", "All rows are looked at once.")
		data["small"] = small
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for one scan", t.As)
		return data, t.MayAlter()
	}
	in.Sayf("locks: ACCESS EXCLUSIVE on %s three times, for a moment each; the scans let reads and writes through", t.As)
	return data, t.MayAlter()
}

// heirsAllow refuses a column that is NOT NULL in a partition or an child by
// itself: before 18 the server does not tell that from what the table gives it,
// and the down migration would take it too.
func (in *Input) heirsAllow(ctx context.Context, t *Table, col *Column) error {
	if in.DB == nil {
		return nil
	}
	found, err := in.DB.strings(ctx, `
WITH RECURSIVE child (oid) AS (
    SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = $1
     UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN child AS h ON i.inhparent = h.oid
)
SELECT h.oid::regclass::text
  FROM child AS h
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.oid AND a.attname = $2 AND a.attnotnull
 WHERE current_setting('server_version_num')::int < 180000
 ORDER BY 1`, t.OID, col.Name)
	if err != nil || len(found) == 0 {
		return err
	}
	return &Mistake{
		fmt.Sprintf("%s is NOT NULL in %s alone, and the down migration would drop that too", pgtext.Ident(col.Name), strings.Join(found, ", ")),
		"drop it there in an earlier migration: this one sets it for all",
	}
}
