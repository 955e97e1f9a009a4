// Package index builds an index beside reads and writes: add-index.
package index

import (
	"context"
	"database/sql"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// built is what PostgreSQL made of an index's definition, on a table of the
// same columns that is gone again.
type built struct {
	// Columns are the key's columns or expressions, as SQL; Names what a name
	// is made of.
	Columns, Names []string
	// Plain is true for columns alone, in the order, the opclass and the collation
	// that a constraint takes.
	Plain bool
}

// added is what sql/add-index.sql sees.
type added struct {
	T                           *catalog.Table
	Unique, Constraint          bool
	Index, Qualified, Tail, Fix string
	Partitions                  []partition
	// Values and Format show what several rows have, where a unique index cannot be.
	Values, Format string
}

// Add builds an index beside reads and writes.
func Add(ctx context.Context, in *task.Input) (any, error) {
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	unique, err := in.Flag("unique")
	if err != nil {
		return nil, err
	}
	tail := indexTail(in.Params)
	var b *built
	if in.DB != nil {
		b, err = buildOnProbe(ctx, in, t, unique, tail)
	} else {
		b, err = builtBlind(in, t)
	}
	if err != nil {
		return nil, err
	}
	kind := map[bool]string{true: "key", false: "idx"}[unique]
	index := in.Params["index"]
	if index == "" {
		index = sqltext.Name(t.Name, strings.Join(b.Names, "_"), kind)
	}
	if len(index) > 63 {
		return nil, mistake.Refusef("the name %s has %d bytes, and PostgreSQL takes 63", index, len(index))
	}
	if err := mistake.FirstOf(t.MayAlter(), ensure.Free(ctx, in, t, index), ensure.FreeConstraint(ctx, in, t, index)); err != nil {
		return nil, err
	}
	partitions, err := partitions(ctx, in, t, index, kind)
	if err != nil {
		return nil, err
	}
	if t.Partitioned && unique {
		if err := coversPartitionKey(ctx, in, t, b); err != nil {
			return nil, err
		}
	}
	in.Sayf("%s: %s; the build lets reads and writes through", t.As, in.About(t.Rows))
	constraint := unique && b.Plain && in.Params["where"] == "" && !t.Partitioned && method(in.Params) == "btree" && in.Cluster == ""
	if constraint {
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment, to attach the constraint", t.As)
	}
	if t.Partitioned {
		in.Sayf("locks: SHARE on %s for a moment, which stops writes; ACCESS EXCLUSIVE on each partition's new index, to attach it", t.As)
	}
	return added{
		T: t, Unique: unique, Index: index, Qualified: t.Beside(index), Tail: tail,
		Constraint: constraint, Partitions: partitions, Fix: attachByHand(unique, tail, t.Beside(index)),
		Values: strings.Join(b.Columns, ", "),
		Format: pgtext.Literal("%s × (" + strings.TrimSuffix(strings.Repeat("%s, ", len(b.Columns)), ", ") + ")"),
	}, nil
}

func method(p map[string]string) string {
	if m := p["using"]; m != "" {
		return m
	}
	return "btree"
}

// indexTail is what follows the table in CREATE INDEX, one clause a line.
func indexTail(p map[string]string) string {
	tail := " (" + p["columns"] + ")"
	if m := method(p); m != "btree" {
		tail = " USING " + m + tail
	}
	if p["include"] != "" {
		tail += "\n    INCLUDE (" + p["include"] + ")"
	}
	if p["where"] != "" {
		tail += "\n    WHERE " + p["where"]
	}
	return tail
}

// buildOnProbe builds the index on an empty table of the same columns, so that
// the server itself checks the parameters.
func buildOnProbe(ctx context.Context, in *task.Input, t *catalog.Table, unique bool, tail string) (*built, error) {
	b := &built{}
	err := onProbe(ctx, in, t, unique, tail, func(probe string) error {
		return in.DB.QueryRow(ctx, catalog.SQL("probe_index_columns"), probe).Scan((*pq.StringArray)(&b.Columns), (*pq.StringArray)(&b.Names), &b.Plain)
	})
	if wrong := wrongIndex(ctx, in, t, unique, err); wrong != nil {
		return nil, wrong
	}
	return b, err
}

// onProbe builds an index on an empty table of the same columns, and calls f while
// it is there.
func onProbe(ctx context.Context, in *task.Input, t *catalog.Table, unique bool, tail string, f func(probe string) error) error {
	return in.DB.RolledBack(ctx, func() error {
		kind := map[bool]string{true: "UNIQUE "}[unique]
		// Named like the table, for conditions that name it.
		probe := "pg_temp." + pgtext.Ident(t.Name)
		if err := in.DB.Exec(ctx, "CREATE TEMP TABLE "+pgtext.Ident(t.Name)+" (LIKE "+t.Full()+")"); err != nil {
			return err
		}
		if err := in.DB.One(ctx, "CREATE "+kind+"INDEX ON "+probe+tail); err != nil {
			return err
		}
		return f(probe)
	})
}

// wrongIndex says which parameter the server complained of: the one without which
// it does not. Nil where it did not complain.
func wrongIndex(ctx context.Context, in *task.Input, t *catalog.Table, unique bool, err error) error {
	if pq.As(err) == nil {
		return nil
	}
	some := map[string]string{}
	for _, param := range []string{"columns", "include", "where"} {
		some["using"], some[param] = in.Params["using"], in.Params[param]
		one := onProbe(ctx, in, t, unique, indexTail(some), func(string) error { return nil })
		e := pq.As(one)
		if e == nil {
			continue
		}
		var known []string
		switch {
		case strings.HasPrefix(e.Message, "access method "):
			param = "using"
			if known, err = in.DB.Strings(ctx, catalog.SQL("index_methods")); err != nil {
				return err
			}
		default:
			for _, c := range t.Columns {
				known = append(known, pgtext.Ident(c.Name))
			}
		}
		wrong := ensure.BadParam(param, in.Params[param], one)
		if m, ok := wrong.(*mistake.Mistake); ok && m.Hint == "" { //nolint:errorlint // badParam just made it
			if name := notThere.FindStringSubmatch(e.Message); name != nil {
				m.Hint = mistake.Hint(name[1], known)
			}
		}
		return wrong
	}
	return ensure.BadParam("columns", in.Params["columns"], err)
}

var notThere = lazyre.New(`^(?:column|access method) "(.*)" does not exist$`)

// builtBlind is what can be said of an index without a server: that over plain
// columns.
func builtBlind(in *task.Input, t *catalog.Table) (*built, error) {
	names, err := t.ColumnList(in.Params["columns"])
	if err != nil {
		return nil, mistake.New("offline an index is over plain columns, and not over "+in.Params["columns"], "leave --offline out")
	}
	in.NotLookedAt("whether %s is partitioned, which takes an index on each partition", t.As)
	b := &built{Names: names, Plain: true}
	for _, n := range names {
		b.Columns = append(b.Columns, pgtext.Ident(n))
	}
	return b, nil
}

// partition is a leaf of a partitioned table, and its index to be.
type partition struct{ Table, Index, Qualified string }

// partitions are those of a partitioned table. One that has partitions of its
// own is refused, and so is one that can have no index.
func partitions(ctx context.Context, in *task.Input, t *catalog.Table, index, kind string) ([]partition, error) {
	if !t.Partitioned {
		return nil, nil
	}
	leaves, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (l leaf, err error) {
		err = rows.Scan(&l.schema, &l.name, &l.kind)
		return l, err
	}, catalog.SQL("partitions"), t.OID)
	if err != nil {
		return nil, err
	}
	var all []partition
	mine := map[string][]string{t.Schema: {index}}
	for _, l := range leaves {
		switch l.kind {
		case "p":
			return nil, mistake.Refusef("%s has a partition %s with partitions of its own: index those first", t.As, pgtext.Ident(l.name))
		case "f":
			return nil, mistake.Refusef("%s has a partition %s that is a foreign table: no index of the whole becomes valid", t.As, pgtext.Ident(l.name))
		}
		one, err := ensure.FirstFree(ctx, in, l.schema, mine[l.schema], l.indexName(strings.TrimPrefix(index, t.Name+"_"), kind))
		if err != nil {
			return nil, err
		}
		mine[l.schema] = append(mine[l.schema], one)
		p := partition{Table: pgtext.Ident(l.name), Index: pgtext.Ident(one), Qualified: pgtext.Ident(one)}
		if strings.Contains(t.As, ".") || l.schema != t.Schema {
			p.Table, p.Qualified = pgtext.Ident(l.schema)+"."+p.Table, pgtext.Ident(l.schema)+"."+p.Index
		}
		all = append(all, p)
	}
	return all, nil
}

// attachByHand says how a partition gets the index that the file has no
// statement for.
func attachByHand(unique bool, tail, index string) string {
	return "For each: CREATE " + map[bool]string{true: "UNIQUE "}[unique] + "INDEX CONCURRENTLY new_name ON the_partition" +
		strings.ReplaceAll(tail, "\n    ", " ") + "; ALTER INDEX " + index + " ATTACH PARTITION new_name. Then run up again."
}

// leaf is a partition as the catalog has it.
type leaf struct{ schema, name, kind string }

// indexName are the names for the partition's index, the best one first. What
// tells partitions apart is often the end of their names, which is never cut
// off for a long suffix.
func (l leaf) indexName(suffix, kind string) func(n int) string {
	if len(l.name)+1+len(suffix) > 63 {
		suffix = kind
	}
	return func(n int) string { return sqltext.Name(l.name, sqltext.Numbered(suffix, n)) }
}

// coversPartitionKey refuses what PostgreSQL cannot keep unique.
func coversPartitionKey(ctx context.Context, in *task.Input, t *catalog.Table, b *built) error {
	key, err := in.DB.Strings(ctx, catalog.SQL("partition_key_columns"), t.OID)
	if err != nil {
		return err
	}
	for _, c := range key {
		if !sqltext.Has(b.Names, c) {
			return mistake.Refusef("a unique index on the partitioned table %s must hold its partition key, %s", t.As, sqltext.Join(key, pgtext.Ident))
		}
	}
	return nil
}
