package column

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
)

// derived is what sql/derived-column.sql sees.
type derived struct {
	T, Source                                            *catalog.Table
	From, Into                                           []string
	Key, Type, AsText, Column, Value, Where, On, Default string
	Keep, Required, CheckRows, Direct                    bool
	Function, Check, Path, Keys, Row, P, Joined, Or      string
	AfterInsert, AfterUpdate, AfterDelete, AfterTruncate string
	// Touched are the keys of the rows that a trigger has changed, and Rows where
	// what is counted is read.
	Touched, Rows string
	Small         way.SmallTable
	// These are all of it for one trigger, and for what may be there already.
	Inserted, Deleted, Updated, Emptied, Again map[string]any
}

// Derive adds a column that follows the rows of another table.
func Derive(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	source, err := in.TableOf(ctx, "source")
	if err != nil {
		return nil, err
	}
	keep, err := in.Flag("keep")
	if err != nil {
		return nil, err
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
	column := in.Params["column"]
	function, check := sqltext.Name(t.Name, column, "derive"), sqltext.Name(t.Name, column, "is_not_null")
	var triggers []string
	events := []string{"insert", "update", "delete", "truncate"}
	for _, event := range events {
		triggers = append(triggers, sqltext.Name(t.Name, column, "after_"+event))
	}
	if err := mistake.FirstOf(t.MayFollow(), source.MayAlter(), t.FreeColumn(column), plainSource(ctx, in, t, source),
		ensure.Free(ctx, in, t, function), ensure.FreeTrigger(ctx, in, source, triggers...), ensure.FreeConstraint(ctx, in, t, check)); err != nil {
		return nil, err
	}
	from, into, err := foreignKey(ctx, in, t, source)
	if err != nil {
		return nil, err
	}
	if err := notice.Unindexed(ctx, in, source, from, "each row that is filled, and each write to "+source.As+", will scan it"); err != nil {
		return nil, err
	}
	typ, none, err := aggregate(ctx, in, source)
	if err != nil {
		return nil, err
	}
	asText, err := ensure.CompareAs(ctx, in, typ)
	if err != nil {
		return nil, err
	}
	path, err := ensure.OwnersPath(ctx, in)
	if err != nil {
		return nil, err
	}
	if !direct {
		if err := ensure.AddsAtOnce(ctx, in, typ); err != nil {
			return nil, err
		}
		sayDerived(in, t, source, column, key, none, keep)
	}
	p := alias(t, source)
	data := derived{
		T: t, Source: source, From: from, Into: into, Key: key, Keep: keep, Type: typ, AsText: asText,
		Column: column, Value: in.Params["value"], Where: in.Params["where"], On: childOf(source, p, from, into),
		Required: none != nil, CheckRows: none != nil && !counts.MatchString(in.Params["value"]),
		Function: t.Beside(function), Check: check, Rows: source.As, Path: path,
		Keys: sqltext.Join(into, func(c string) string { return p + "." + pgtext.Ident(c) }), P: p,
		AfterInsert: triggers[0], AfterUpdate: triggers[1], AfterDelete: triggers[2], AfterTruncate: triggers[3],
	}
	data.Row = data.Keys
	if len(into) > 1 {
		data.Row = "(" + data.Keys + ")"
	}
	if none != nil {
		data.Default = constant(*none, typ)
	}
	old, add := "SELECT "+sqltext.Join(from, pgtext.Ident)+" FROM old_rows", "SELECT "+sqltext.Join(from, pgtext.Ident)+" FROM new_rows"
	// What runs with the rights of its owner names its tables in full.
	late := func(touched string) map[string]any {
		one := data
		one.Touched, one.Rows = touched, source.Full()
		return task.Fields(one)
	}
	data.Inserted, data.Deleted, data.Updated, data.Emptied = late(add), late(old), late(old+" UNION "+add), late("")
	data.Again = task.Again(in, data)
	if data.Direct = direct; direct {
		small := way.Small(in, t, way.Updates, "ACCESS EXCLUSIVE", "")
		small.Also = []string{"LOCK TABLE " + source.As + " IN SHARE ROW EXCLUSIVE MODE"}
		data.Small, data.Joined = small, sqltext.Unlike("s", t.Name, source.Name)
		after := ""
		if !keep {
			after = "there are no triggers: the application must keep the column right from there on, or say keep=true"
		}
		return data, way.SayDirect(ctx, in, small, column, after)
	}
	return data, mistake.FirstOf(notice.Fired(ctx, in, t, column), notice.Published(ctx, in, "a column", t.OID))
}

// counts is a value that is never NULL, so that no row needs a look for it.
var counts = lazyre.New(`(?i)^count\s*\([^()]*\)(\s*(<|<=|=|<>|>=|>)\s*[0-9]+)?$`)

// elsewhere is in a value that changes by itself, or with other tables.
var elsewhere = lazyre.New(`(?i)\b(select|now|current_date|current_time|current_timestamp|localtime|localtimestamp|clock_timestamp|random)\b`)

func sayDerived(in *task.Input, t, source *catalog.Table, column, key string, none *string, keep bool) {
	in.Sayf("%s: %s; filled in batches over %s, while triggers on %s keep the column right", t.As, in.About(t.Rows), key, source.As)
	if none == nil {
		in.Sayf("without rows of %s the value is NULL, so %s stays without NOT NULL: coalesce(…) would change that", source.As, pgtext.Ident(column))
	}
	if reads := elsewhere.FindString(in.Params["value"] + "\n" + in.Params["where"]); reads != "" {
		in.Sayf("the value is of more than rows of %s (%s): what else changes does not bring it up to date", source.As, strings.ToLower(reads))
	}
	going := ""
	if !keep {
		going = " ACCESS EXCLUSIVE on it when the triggers go,"
		in.Sayf("the triggers go with the last file: the application must keep the column right from there on, or say keep=true")
	}
	in.Sayf("locks: SHARE ROW EXCLUSIVE on %s,%s and ACCESS EXCLUSIVE on %s, for a moment each; the rows of one batch at a time", source.As, going, t.As)
}

// alias is a name for the table that stands for nothing else in a query with the
// source: not for that one, nor for a column of either. A source named like it
// would be meant instead, and each of its rows compared with itself.
func alias(t, source *catalog.Table) string {
	taken := []string{t.Name, source.Name}
	for _, c := range slices.Concat(t.Columns, source.Columns) {
		taken = append(taken, c.Name)
	}
	return sqltext.Unlike("p", taken...)
}

// childOf compares the source's columns with those of the table, which is p.
func childOf(source *catalog.Table, p string, from, into []string) string {
	var all []string
	for i := range from {
		all = append(all, pgtext.Ident(source.Name)+"."+pgtext.Ident(from[i])+" = "+p+"."+pgtext.Ident(into[i]))
	}
	return strings.Join(all, " AND ")
}

// plainSource refuses what statement triggers do not see all writes of, and the
// table itself, whose triggers an UPDATE of their own would fire again.
func plainSource(ctx context.Context, in *task.Input, t, source *catalog.Table) error {
	if source.OID == t.OID {
		return mistake.New(fmt.Sprintf("source=%s is the table itself: its triggers would fire themselves", source.As), "let a view work it out")
	}
	var part bool
	err := in.DB.QueryRow(ctx, catalog.SQL("table_has_parts"), source.OID).Scan(&part)
	if err == nil && part {
		return mistake.Refusef("%s is partitioned, or has tables that inherit: a write straight to one of those would not fire its triggers", source.As)
	}
	return err
}

// foreignKey finds the columns by which the source refers to the table. It must
// be a foreign key: only then no row of the source can come before its parent.
func foreignKey(ctx context.Context, in *task.Input, t, source *catalog.Table) (from, into []string, err error) {
	rows, err := in.DB.Query(ctx, catalog.SQL("foreign_key"), source.OID, t.OID)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var known []string
	for rows.Next() {
		var f, i []string
		if err := rows.Scan((*pq.StringArray)(&f), (*pq.StringArray)(&i)); err != nil {
			return nil, nil, err
		}
		known = append(known, sqltext.Join(f, pgtext.Ident))
		on := in.Params["on"]
		if names, err := source.ColumnList(on); on == "" || err == nil && slices.Equal(names, f) {
			from, into = f, i
		}
	}
	switch {
	case rows.Err() != nil:
		return nil, nil, rows.Err()
	case len(known) == 0:
		return nil, nil, mistake.New(fmt.Sprintf("%s has no foreign key to %s that is valid and not deferrable", source.As, t.As), "add one by --template add-foreign-key: without it a row may come before the one that it belongs to")
	case len(known) > 1 && in.Params["on"] == "":
		return nil, nil, mistake.New(fmt.Sprintf("%s refers to %s by several foreign keys: %s", source.As, t.As, strings.Join(known, "; ")), "choose one by --set on=…")
	case from == nil:
		return nil, nil, mistake.Unknown("foreign key of "+source.As+" to "+t.As+" on", in.Params["on"], known)
	}
	return from, into, nil
}

// aggregate asks for the type of the value, and what it is over no rows at all.
func aggregate(ctx context.Context, in *task.Input, source *catalog.Table) (typ string, none *string, err error) {
	where := in.Params["where"]
	if where != "" {
		if err := ensure.Compiles(ctx, in, "where", "SELECT FROM "+source.As+" WHERE ("+where+")"); err != nil {
			return "", nil, err
		}
	}
	err = in.DB.ReadOnly(ctx, func() error {
		query := "SELECT pg_catalog.pg_typeof(v)::pg_catalog.text, v::pg_catalog.text FROM (SELECT (" + in.Params["value"] + ") AS v FROM " + source.As + " WHERE false) AS one"
		err := in.DB.Parses(ctx, query)
		if err == nil {
			err = in.DB.UsualRow(ctx, query).Scan(&typ, &none)
		}
		if errors.Is(err, sql.ErrNoRows) {
			return mistake.New(fmt.Sprintf("value=%s is no aggregate over rows of %s", in.Params["value"], source.As), "write it like count(*) > 10 or coalesce(sum(total), 0)")
		}
		return ensure.BadParam("value", in.Params["value"], err)
	})
	if typ == "unknown" {
		typ = "text"
	}
	return typ, none, err
}

// constant writes a value of a type as SQL.
func constant(value, typ string) string {
	numeric := slices.Contains([]string{"smallint", "integer", "bigint", "numeric", "real", "double precision"}, typ)
	if numeric && sqltext.Number.MatchString(value) || typ == "boolean" {
		return value
	}
	return pgtext.Literal(value)
}
