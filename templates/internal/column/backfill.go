package column

import (
	"context"
	"fmt"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
)

// backfilled is what sql/backfill.sql sees.
type backfilled struct {
	T                           *catalog.Table
	Key                         string
	Keep, Direct                bool
	Where, Side, Filled, AsText string
	Small                       way.SmallTable
}

// Backfill fills a column of rows that are there.
func Backfill(ctx context.Context, in *task.Input) (any, error) {
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if col.Generated {
		return nil, mistake.Refusef("%s.%s is a generated column: PostgreSQL fills it by itself", t.As, pgtext.Ident(col.Name))
	}
	keep, err := in.Flag("keep")
	if err != nil {
		return nil, err
	}
	if err := t.KeyFrom(in.Params["key"]); err != nil {
		return nil, err
	}
	direct, err := way.Choose(ctx, in, t, way.Updates)
	if err != nil {
		return nil, err
	}
	key := ""
	if !direct || keep {
		if key, err = ensure.BatchKey(ctx, in, t); err != nil {
			return nil, err
		}
	}
	if !direct && sqltext.Has(t.Key, col.Name) {
		return nil, mistake.New(fmt.Sprintf("%s.%s is of the key that the batches go along: a row that this moves ahead would come again", t.As, pgtext.Ident(col.Name)), "give other columns by --set key=…")
	}
	// What the user wrote may be an OR.
	where := pgtext.Ident(col.Name) + " IS NULL"
	if given := in.Params["where"]; given != "" {
		where = "(" + given + ")"
	}
	if err := mistake.FirstOf(ensure.Assigns(ctx, in, "value", col.Type, in.Params["value"], t.As), ensure.OfOneRow(ctx, in, "value", in.Params["value"], t.As),
		ensure.Compiles(ctx, in, "where", "SELECT FROM "+t.As+" WHERE "+where)); err != nil {
		return nil, err
	}
	in.NotLookedAt("whether %s is the primary key of %s, or a unique index over NOT NULL columns", t.KeyList(), t.As)
	side, filled, asText := sqltext.Name(t.Name, col.Name, "before"), sqltext.Name(col.Name, "filled"), ""
	for sqltext.Has(t.Key, filled) {
		filled = sqltext.Name(filled, "1")
	}
	if keep {
		if t.HasChildren {
			return nil, mistake.New("other tables inherit from "+t.As+", and may have the same keys: what the rows held cannot be kept by key", "leave keep out")
		}
		if err := mistake.FirstOf(ensure.TellsApart(ctx, in, t), ensure.Free(ctx, in, t, side)); err != nil {
			return nil, err
		}
		if asText, err = ensure.CompareAs(ctx, in, col.Type); err != nil {
			return nil, err
		}
		in.Sayf("%s keeps the earlier values for the down migration: drop it when you no longer need that", t.Beside(side))
	}
	data := backfilled{T: t, Key: key, Keep: keep, Where: where, Side: t.Beside(side), Filled: filled, AsText: asText, Direct: direct}
	if direct {
		data.Small = way.Small(in, t, way.Updates, "SHARE ROW EXCLUSIVE", "")
		return data, way.SayDirect(ctx, in, data.Small, col.Name, "")
	}
	in.Sayf("%s: %s; in batches over %s", t.As, in.About(t.Rows), key)
	in.Sayf("locks: the rows of one batch at a time")
	return data, notice.Fired(ctx, in, t, col.Name)
}
