package templates

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
)

func lookSoftDelete(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	t, err := in.table(ctx)
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
		return nil, &Mistake{fmt.Sprintf("%s.%s is no time that is NULL for what is not deleted", t.As, pgtext.Ident(column)), "name the column by --set column=…"}
	}
	direct, err := in.way(ctx, t, updates)
	if err != nil {
		return nil, err
	}
	key := ""
	if !direct {
		if key, err = t.BatchKey(); err != nil {
			return nil, err
		}
	}
	name := Name(t.Name, flag, "follow")
	if err := firstOf(t.MayFollow(), t.freeColumn(flag), in.free(ctx, t, name)); err != nil {
		return nil, err
	}
	trigger, err := in.lastToFire(ctx, t, name)
	if err != nil {
		return nil, err
	}
	inserted, err := in.lastToFire(ctx, t, Name(t.Name, flag, "insert"))
	if err != nil {
		return nil, err
	}
	if err := in.mayStay(ctx, t, column, flag); err != nil {
		return nil, err
	}
	indexes, err := in.twins(ctx, t, column, flag)
	if err != nil {
		return nil, err
	}
	readers, err := in.readers(ctx, t, column)
	if err != nil {
		return nil, err
	}
	data := map[string]any{
		"t": t, "key": key, "column": column, "flag": flag, "indexes": indexes, "readers": readers, "direct": direct,
		"function": t.Beside(name), "trigger": trigger, "inserted": inserted,
	}
	if direct {
		small := in.small(t, updates, "ACCESS EXCLUSIVE", fmt.Sprintf("Indexes that are built again: %d.", len(indexes)))
		data["small"] = small
		in.sayReaders(column, flag, readers)
		return data, in.sayDirect(ctx, small, flag, "")
	}
	in.Sayf("%s: %s; in batches over %s, while triggers keep both columns right, then and later", t.As, in.about(t.Rows), key)
	in.Sayf("indexes to build with the flag: %d", len(indexes))
	in.sayReaders(column, flag, readers)
	in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment; the rows of one batch at a time", t.As)
	return data, firstOf(in.sayFired(ctx, t, flag), in.sayPublished(ctx, "a column", t.OID))
}

// sayReaders names what must read the flag one day.
func (in *Input) sayReaders(column, flag string, readers []string) {
	if len(readers) > 0 {
		in.Sayf("what reads %s, and must read %s before that goes: %s", pgtext.Ident(column), pgtext.Ident(flag), strings.Join(readers, "; "))
	}
}
