package ensure

import (
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// BatchKey is the table's BatchKey, where indexes give its order: also that of
// every partition and child, since a batch is one of the whole family.
func BatchKey(ctx context.Context, in *task.Input, t *catalog.Table) (string, error) {
	key, err := t.BatchKey()
	if err != nil || in.DB == nil {
		return key, err
	}
	without, err := in.DB.Strings(ctx, catalog.SQL("key_unordered"), t.OID, pq.Array(t.Key))
	if err != nil || len(without) == 0 {
		return key, err
	}
	return "", mistake.New(
		fmt.Sprintf("batches over %s go along (%s), and no index gives that order of %s", t.As, t.KeyList(), strings.Join(without, ", ")),
		"create a plain btree index over it first, on each of them",
	)
}

// Referable reports whether a foreign key can refer to these columns.
func Referable(ctx context.Context, in *task.Input, t *catalog.Table, columns []string) (unique bool, err error) {
	err = in.DB.QueryRow(ctx, catalog.SQL("key_unique"), t.OID, pq.Array(columns)).Scan(&unique)
	return unique, err
}

// PrimaryKey are the columns of the primary key, however many.
func PrimaryKey(ctx context.Context, t *catalog.Table, in *task.Input) []string {
	if in.DB == nil {
		return nil
	}
	names, err := in.DB.Strings(ctx, catalog.SQL("primary_key"), t.OID)
	if err != nil {
		return nil
	}
	return names
}

// TellsApart refuses a key that a person gave and several rows may have.
func TellsApart(ctx context.Context, in *task.Input, t *catalog.Table) error {
	if in.DB == nil || in.Params["key"] == "" {
		return nil
	}
	if ok, err := Referable(ctx, in, t, t.Key); err != nil || ok {
		return err
	}
	return mistake.New(fmt.Sprintf("key=%s: %s has no unique index over %s", in.Params["key"], t.As, t.KeyList()), "name other columns, best the primary key")
}
