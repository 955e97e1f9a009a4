package column

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
)

// softDeleted is what sql/soft-delete.sql sees.
type softDeleted struct {
	T                           *catalog.Table
	Key, Column, Flag           string
	Indexes                     []shared.Replacement
	Readers                     []string
	Direct                      bool
	Function, Trigger, Inserted string
	Small                       way.SmallTable
}

// SoftDelete puts a flag beside the time at which a row was deleted.
func SoftDelete(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	column, flag := in.Params["column"], in.Params["flag"]
	if column == "" {
		column = "deleted_at"
	}
	if flag == "" {
		flag = "is_deleted"
	}
	col, err := t.Column(column)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(col.Type, "timestamp") && col.Type != "date" || strings.HasSuffix(col.Type, "[]") || col.Generated || col.NotNull {
		return nil, mistake.New(fmt.Sprintf("%s.%s is no time that is NULL for what is not deleted", t.As, pgtext.Ident(column)), "name the column by --set column=…")
	}
	direct, err := way.Choose(ctx, in, t, way.Updates)
	if err != nil {
		return nil, err
	}
	key := ""
	if !direct {
		if key, err = t.BatchKey(); err != nil {
			return nil, err
		}
	}
	name := sqltext.Name(t.Name, flag, "follow")
	if err := mistake.FirstOf(t.MayFollow(), t.FreeColumn(flag), ensure.Free(ctx, in, t, name)); err != nil {
		return nil, err
	}
	trigger, err := ensure.LastToFire(ctx, in, t, name)
	if err != nil {
		return nil, err
	}
	inserted, err := ensure.LastToFire(ctx, in, t, sqltext.Name(t.Name, flag, "insert"))
	if err != nil {
		return nil, err
	}
	if err := mayStay(ctx, in, t, column, flag); err != nil {
		return nil, err
	}
	indexes, err := timeIndexes(ctx, in, t, column, flag)
	if err != nil {
		return nil, err
	}
	readers, err := readers(ctx, in, t, column)
	if err != nil {
		return nil, err
	}
	data := softDeleted{
		T: t, Key: key, Column: column, Flag: flag, Indexes: indexes, Readers: readers, Direct: direct,
		Function: t.Beside(name), Trigger: trigger, Inserted: inserted,
	}
	if direct {
		data.Small = way.Small(in, t, way.Updates, "ACCESS EXCLUSIVE", fmt.Sprintf("Indexes that are built again: %d.", len(indexes)))
		sayReaders(in, column, flag, readers)
		return data, way.SayDirect(ctx, in, data.Small, flag, "")
	}
	in.Sayf("%s: %s; in batches over %s, while triggers keep both columns right, then and later", t.As, in.About(t.Rows), key)
	in.Sayf("indexes to build with the flag: %d", len(indexes))
	sayReaders(in, column, flag, readers)
	in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment; the rows of one batch at a time", t.As)
	return data, mistake.FirstOf(notice.Fired(ctx, in, t, flag), notice.Published(ctx, in, "a column", t.OID))
}

// sayReaders names what must read the flag one day.
func sayReaders(in *task.Input, column, flag string, readers []string) {
	if len(readers) > 0 {
		in.Sayf("what reads %s, and must read %s before that goes: %s", pgtext.Ident(column), pgtext.Ident(flag), strings.Join(readers, "; "))
	}
}
