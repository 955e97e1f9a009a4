package enum

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/words"
)

// uniqueIndex is a unique index that has values in its key or its condition.
// Both have placeholders instead of those of a type.
type uniqueIndex struct {
	Name, Table, Where string
	Columns, Key       []string
	Values             []int64 // of each column: 1 where it has enum values, 2 arrays of them
	NullsEqual         bool
}

// uniqueIndexes are those of a type, or of a column of text.
func uniqueIndexes(ctx context.Context, c *catalog.Catalog, e *catalog.Enum, table uint32, column string) (all []uniqueIndex, k *dependents.Snapshot, err error) {
	k, err = dependents.Read(ctx, c, e, &dependents.Hanging{}, func(r *dependents.Reader) []func() error {
		return []func() error{func() error {
			return r.Rows("uniques", func(scan func(...any) error) error {
				var x uniqueIndex
				err := scan(&x.Name, &x.Table, &x.NullsEqual, (*pq.StringArray)(&x.Columns), (*pq.Int64Array)(&x.Values), (*pq.StringArray)(&x.Key), &x.Where)
				all = append(all, x)
				return err
			}, table, e.OID, e.Array, column)
		}}
	})
	return all, k, err
}

// mustStayUnique refuses a merge by which rows would share a unique key: which
// of them is to go is for a person to decide. It returns the same look for the
// file, whose rows may be others.
func (c *Change) mustStayUnique(ctx context.Context, db *catalog.Catalog) (look string, err error) {
	if !c.Merged {
		return "", nil
	}
	indexes, k, err := uniqueIndexes(ctx, db, c.Enum, 0, "")
	if err != nil {
		return "", err
	}
	look = doubled("labels", indexes, c.asOne(k))
	return look, db.NoneStuck(ctx, look, "decide which of the rows stay, in a migration before")
}

// asIf writes a unique index as it is, and as it will be for values that are one.
type asIf struct {
	is, will func(sql string) string
	column   func(name string, array bool) string
}

// asOne is how a type's unique indexes will be. The new values are not there
// yet, so of values that become one the first stands for all, in the rows as in
// the index.
func (c *Change) asOne(k *dependents.Snapshot) asIf {
	first := c.firstOfEach()
	return asIf{
		is:     func(sql string) string { return k.Fill(sql, func(i int) string { return c.Old[i] }) },
		will:   func(sql string) string { return k.Fill(sql, func(i int) string { return first[c.Old[i]] }) },
		column: func(name string, array bool) string { return c.stoodFor(name, array, first) },
	}
}

// doubled stops a file, before it changes anything, where rows would share a
// key of a unique index; "" where there is none.
func doubled(what string, indexes []uniqueIndex, as asIf) string {
	counts := make([]string, len(indexes))
	for i, x := range indexes {
		counts[i] = x.doubled(as)
	}
	return sqltext.StopWhere(counts, "format('%s keys of %s, such as %s', n, name, examples)",
		"once the "+what+" are one, rows would share a unique key", "Decide first which of them stay. Nothing has been changed.")
}

// doubled counts the keys that several rows would have. It shows what they have now.
func (x uniqueIndex) doubled(as asIf) string {
	columns, whole := make([]string, len(x.Columns)), make([]string, len(x.Key))
	was := "was"
	for i, name := range x.Columns {
		columns[i] = pgtext.Ident(name)
		if x.Values[i] > 0 {
			columns[i] = sqltext.IndentBy(27, as.column(columns[i], x.Values[i] == 2)) + " AS " + columns[i]
		}
		if name == was {
			was += "_"
		}
	}
	for i, key := range x.Key {
		whole[i] = as.will(key) + " IS NOT NULL"
	}
	if x.NullsEqual {
		whole = nil
	}
	if x.Where != "" || len(whole) == 0 {
		whole = append(whole, cmp.Or(as.will(x.Where), "true"))
	}
	shown := "format(" + pgtext.Literal(sqltext.KeyFormat(len(x.Key))) + ", " + as.is(strings.Join(x.Key, ", ")) + ") AS " + was
	return fmt.Sprintf(`SELECT %s AS name, count(*) AS n, string_agg(example, '; ') FILTER (WHERE place <= 3) AS examples
              FROM (SELECT row_number() OVER (ORDER BY min(%[2]s)) AS place,
                           array_to_string((array_agg(%[2]s ORDER BY %[2]s))[1:3], ' and ') AS example
                      FROM (SELECT %[3]s,
                                   %[4]s
                              FROM %[5]s) AS rows
                     WHERE %[6]s
                     GROUP BY %[7]s
                    HAVING count(*) > 1) AS double`, pgtext.Literal(x.Name), was, strings.Join(columns, ", "), shown, x.Table,
		strings.Join(whole, "\n                       AND "), as.will(strings.Join(x.Key, ", ")))
}

// firstOfEach says for each old value which is the first that becomes the same.
func (c *Change) firstOfEach() map[string]string {
	first, of := map[string]string{}, map[string]string{}
	for _, l := range c.Old {
		to, ok := c.To[l]
		if _, seen := of[to]; !ok || !seen {
			first[l] = l
			if ok {
				of[to] = l
			}
			continue
		}
		first[l] = of[to]
	}
	return first
}

// stoodFor is a column with the first value in place of those that become the same.
func (c *Change) stoodFor(column string, array bool, first map[string]string) string {
	var steps []words.Pair
	for _, l := range c.Old {
		if first[l] != l {
			steps = append(steps, words.Pair{From: l, To: first[l]})
		}
	}
	if array {
		return replaceAll(column+"::text[]", steps) + "::" + c.Enum.Full + "[]"
	}
	value := "CASE " + column
	for _, s := range steps {
		value += " WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.To) + "::" + c.Enum.Full
	}
	return value + " ELSE " + column + " END"
}
