package templates

import (
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// uniqueIndex is a unique index that has the type in its key or its condition.
// Both bear marks instead of labels.
type uniqueIndex struct {
	Name, Table, Where string
	OID                uint32 // the table's
	Columns, Key       []string
	Numbers            []int64
}

// mustStayUnique refuses a merge by which rows would share a unique key: which
// of them is to go is for a person to decide.
func (c *change) mustStayUnique(ctx context.Context, db *Catalog) error {
	if !c.Merged {
		return nil
	}
	var indexes []uniqueIndex
	k, err := db.capture(ctx, c.Enum, &hanging{}, func(r *reader) []func() error {
		return []func() error{func() error {
			return r.rows("uniques", func(scan func(...any) error) error {
				var x uniqueIndex
				err := scan(&x.Name, &x.OID, &x.Table, (*pq.StringArray)(&x.Columns), (*pq.Int64Array)(&x.Numbers), (*pq.StringArray)(&x.Key), &x.Where)
				indexes = append(indexes, x)
				return err
			}, c.Enum.OID, c.Enum.Array)
		}}
	})
	if err != nil {
		return err
	}
	var found []string
	for _, x := range indexes {
		var n int64
		if err := db.Conn.QueryRowContext(ctx, c.double(x, k)).Scan(&n); err != nil {
			return fmt.Errorf("count what %s would hold twice: %w", x.Name, err)
		}
		if n > 0 {
			found = append(found, fmt.Sprintf("%d keys of %s", n, x.Name))
		}
	}
	if len(found) == 0 {
		return nil
	}
	return &Mistake{"once the labels are one, rows would share a unique key: " + strings.Join(found, "; "), "decide which of the rows stay, in a migration before"}
}

// double counts the keys of a unique index that several rows would have. The
// new labels are not there yet, so of labels that become one the first stands
// for all, in the rows as in the index.
func (c *change) double(x uniqueIndex, k *capture) string {
	first := c.firstOfEach()
	label := func(i int) string { return first[c.Old[i]] }
	columns, whole := make([]string, len(x.Columns)), make([]string, len(x.Key))
	for i, name := range x.Columns {
		columns[i] = name
		for _, col := range c.Enum.Columns {
			if col.Table == x.OID && int64(col.Number) == x.Numbers[i] {
				columns[i] = c.stoodFor(name, col.Array, first) + " AS " + name
			}
		}
	}
	for i, key := range x.Key {
		whole[i] = key + " IS NOT NULL"
	}
	return fmt.Sprintf("SELECT count(*) FROM (SELECT FROM (SELECT %s FROM %s) AS rows WHERE %s AND (%s) GROUP BY %s HAVING count(*) > 1) AS double",
		strings.Join(columns, ", "), x.Table, k.fill(strings.Join(whole, " AND "), label), k.fill(x.Where, label), k.fill(strings.Join(x.Key, ", "), label))
}

// firstOfEach says for each old label which is the first that becomes the same.
func (c *change) firstOfEach() map[string]string {
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

// stoodFor is a column with the first label in place of those that become the same.
func (c *change) stoodFor(column string, array bool, first map[string]string) string {
	var steps []step
	for _, l := range c.Old {
		if first[l] != l {
			steps = append(steps, step{l, first[l]})
		}
	}
	if array {
		return replaceAll(column+"::text[]", steps) + "::" + c.Enum.Full + "[]"
	}
	value := "CASE " + column
	for _, s := range steps {
		value += " WHEN " + labelSQL(s.From) + " THEN " + labelSQL(s.To) + "::" + c.Enum.Full
	}
	return value + " ELSE " + column + " END"
}
