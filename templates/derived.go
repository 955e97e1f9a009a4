package templates

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

func lookDerivedColumn(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	source, err := in.tableOf(ctx, "source")
	if err != nil {
		return nil, err
	}
	keep, err := in.flag("keep")
	if err != nil {
		return nil, err
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
	column := in.Params["column"]
	function, check := Name(t.Name, column, "derive"), Name(t.Name, column, "is_not_null")
	var triggers []string
	events := []string{"insert", "update", "delete", "truncate"}
	for _, event := range events {
		triggers = append(triggers, Name(t.Name, column, "after_"+event))
	}
	if err := firstOf(t.MayFollow(), source.MayAlter(), t.freeColumn(column), in.plainSource(ctx, t, source),
		in.free(ctx, t, function), in.freeTrigger(ctx, source, triggers...), in.freeConstraint(ctx, t, check)); err != nil {
		return nil, err
	}
	from, into, err := in.foreignKey(ctx, t, source)
	if err != nil {
		return nil, err
	}
	if err := in.sayIndex(ctx, source, from, "each row that is filled, and each write to "+source.As+", will scan it"); err != nil {
		return nil, err
	}
	typ, none, err := in.aggregate(ctx, source)
	if err != nil {
		return nil, err
	}
	asText, err := in.compareAs(ctx, typ)
	if err != nil {
		return nil, err
	}
	path, err := in.ownersPath(ctx)
	if err != nil {
		return nil, err
	}
	if !direct {
		in.sayDerived(t, source, column, key, none, keep)
	}
	p := alias(t, source)
	data := map[string]any{
		"t": t, "source": source, "from": from, "into": into, "key": key, "keep": keep, "type": typ, "as_text": asText,
		"column": column, "value": in.Params["value"], "where": in.Params["where"], "on": childOf(source, p, from, into),
		"required": none != nil, "check_rows": none != nil && !counts.MatchString(in.Params["value"]), "default": "",
		"function": t.Beside(function), "check": check, "rows": source.As, "path": path,
		"keys": join(into, func(c string) string { return p + "." + pgtext.Ident(c) }), "p": p,
	}
	data["row"] = data["keys"]
	if len(into) > 1 {
		data["row"] = fmt.Sprintf("(%s)", data["keys"])
	}
	if none != nil {
		data["default"] = constant(*none, typ)
	}
	for i, event := range events {
		data["after_"+event] = triggers[i]
	}
	old, add := "SELECT "+join(from, pgtext.Ident)+" FROM old_rows", "SELECT "+join(from, pgtext.Ident)+" FROM new_rows"
	// What runs with the rights of its owner names its tables in full.
	for event, rows := range map[string]string{"inserted": add, "deleted": old, "updated": old + " UNION " + add, "emptied": ""} {
		one := maps.Clone(data)
		one["touched"], one["rows"] = rows, source.Full()
		data[event] = one
	}
	data["or"], data["again"] = "", in.again(data)
	if data["direct"] = direct; direct {
		small := in.small(t, updates, "ACCESS EXCLUSIVE", "Nobody writes "+source.As+", either.")
		small.Also = []string{"LOCK TABLE " + source.As + " IN SHARE ROW EXCLUSIVE MODE"}
		data["small"], data["joined"] = small, unlike("s", t.Name, source.Name)
		after := ""
		if !keep {
			after = "there are no triggers: the application must keep the column right from there on, or say keep=true"
		}
		return data, in.sayDirect(ctx, small, column, after)
	}
	return data, firstOf(in.sayFired(ctx, t, column), in.sayPublished(ctx, "a column", t.OID))
}

// counts is a value that is never NULL, so that no row needs a look for it.
var counts = regexp.MustCompile(`(?i)^count\s*\([^()]*\)(\s*(<|<=|=|<>|>=|>)\s*[0-9]+)?$`)

// elsewhere is in a value that changes by itself, or with other tables.
var elsewhere = regexp.MustCompile(`(?i)\b(select|now|current_date|current_time|current_timestamp|localtime|localtimestamp|clock_timestamp|random)\b`)

func (in *Input) sayDerived(t, source *Table, column, key string, none *string, keep bool) {
	in.Sayf("%s: %s; filled in batches over %s, while triggers on %s keep the column right", t.As, in.about(t.Rows), key, source.As)
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
func alias(t, source *Table) string {
	taken := []string{t.Name, source.Name}
	for _, c := range slices.Concat(t.Columns, source.Columns) {
		taken = append(taken, c.Name)
	}
	return unlike("p", taken...)
}

// unlike is the name, with a number where it is taken.
func unlike(name string, taken ...string) string {
	free := name
	for i := 2; has(taken, free); i++ {
		free = fmt.Sprint(name, i)
	}
	return free
}

// childOf compares the source's columns with those of the table, which is p.
func childOf(source *Table, p string, from, into []string) string {
	var all []string
	for i := range from {
		all = append(all, pgtext.Ident(source.Name)+"."+pgtext.Ident(from[i])+" = "+p+"."+pgtext.Ident(into[i]))
	}
	return strings.Join(all, " AND ")
}

// plainSource refuses what statement triggers do not see all writes of, and the
// table itself, whose triggers an UPDATE of their own would fire again.
func (in *Input) plainSource(ctx context.Context, t, source *Table) error {
	if source.OID == t.OID {
		return &Mistake{fmt.Sprintf("source=%s is the table itself: its triggers would fire themselves", source.As), "let a view work it out"}
	}
	var part bool
	err := in.DB.queryRow(ctx, `SELECT c.relkind = 'p' OR c.relispartition
    OR EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid OR inhparent = c.oid)
  FROM pg_catalog.pg_class AS c WHERE c.oid = $1`, source.OID).Scan(&part)
	if err == nil && part {
		return refusef("%s is partitioned, or has tables that inherit: a write straight to one of those would not fire its triggers", source.As)
	}
	return err
}

// foreignKey finds the columns by which the source refers to the table. It must
// be a foreign key: only then no row of the source can come before its parent.
func (in *Input) foreignKey(ctx context.Context, t, source *Table) (from, into []string, err error) {
	rows, err := in.DB.query(ctx, `
SELECT (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
       (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, n)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.attnum)
  FROM pg_catalog.pg_constraint AS c
 WHERE c.conrelid = $1 AND c.confrelid = $2 AND c.contype = 'f' AND c.convalidated AND NOT c.condeferrable
 ORDER BY c.oid`, source.OID, t.OID)
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
		known = append(known, join(f, pgtext.Ident))
		on := in.Params["on"]
		if names, err := source.columnList(on); on == "" || err == nil && slices.Equal(names, f) {
			from, into = f, i
		}
	}
	switch {
	case rows.Err() != nil:
		return nil, nil, rows.Err()
	case len(known) == 0:
		return nil, nil, &Mistake{fmt.Sprintf("%s has no foreign key to %s that is valid and not deferrable", source.As, t.As), "add one by --template add-foreign-key: without it a row may come before the one that it belongs to"}
	case len(known) > 1 && in.Params["on"] == "":
		return nil, nil, &Mistake{fmt.Sprintf("%s refers to %s by several foreign keys: %s", source.As, t.As, strings.Join(known, "; ")), "choose one by --set on=…"}
	case from == nil:
		return nil, nil, unknown("foreign key of "+source.As+" to "+t.As+" on", in.Params["on"], known)
	}
	return from, into, nil
}

// aggregate asks for the type of the value, and what it is over no rows at all.
func (in *Input) aggregate(ctx context.Context, source *Table) (typ string, none *string, err error) {
	where := in.Params["where"]
	if where != "" {
		if err := in.compiles(ctx, "where", "SELECT FROM "+source.As+" WHERE ("+where+")"); err != nil {
			return "", nil, err
		}
	}
	err = in.DB.readOnly(ctx, func() error {
		query := "SELECT pg_catalog.pg_typeof(v)::pg_catalog.text, v::pg_catalog.text FROM (SELECT (" + in.Params["value"] + ") AS v FROM " + source.As + " WHERE false) AS one"
		err := in.DB.parses(ctx, query)
		if err == nil {
			err = in.DB.usualRow(ctx, query).Scan(&typ, &none)
		}
		if errors.Is(err, sql.ErrNoRows) {
			return &Mistake{fmt.Sprintf("value=%s is no aggregate over rows of %s", in.Params["value"], source.As), "write it like count(*) > 10 or coalesce(sum(total), 0)"}
		}
		return badParam("value", in.Params["value"], err)
	})
	if typ == "unknown" {
		typ = "text"
	}
	return typ, none, err
}

// constant writes a value of a type as SQL.
func constant(value, typ string) string {
	numeric := slices.Contains([]string{"smallint", "integer", "bigint", "numeric", "real", "double precision"}, typ)
	if numeric && number.MatchString(value) || typ == "boolean" {
		return value
	}
	return pgtext.Literal(value)
}
