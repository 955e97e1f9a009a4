package templates

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// uniqueIndex is a unique index that has the type in its key.
type uniqueIndex struct {
	Name, Table, Where string
	Columns            []string
	Labels             []bool
}

// mustStayUnique refuses a merge by which rows would share a unique key: which
// of them is to go is for a person to decide.
func (c *change) mustStayUnique(ctx context.Context, db *Catalog) error {
	if !c.Merged {
		return nil
	}
	indexes, err := list(ctx, db, func(rows *sql.Rows) (x uniqueIndex, err error) {
		err = rows.Scan(&x.Name, &x.Table, (*pq.StringArray)(&x.Columns), (*pq.BoolArray)(&x.Labels), &x.Where)
		return x, err
	}, enumSQL("uniques"), c.Enum.OID)
	if err != nil {
		return err
	}
	var found []string
	for _, x := range indexes {
		n, err := c.double(ctx, db, x)
		if err != nil {
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

// double counts the keys of a unique index that several rows would have.
func (c *change) double(ctx context.Context, db *Catalog, x uniqueIndex) (n int64, err error) {
	var keys, whole []string
	for i, column := range x.Columns {
		if x.Labels[i] {
			key := "CASE " + column + "::text"
			for _, s := range c.renames() {
				key += " WHEN " + labelSQL(s.From) + " THEN " + labelSQL(s.To)
			}
			column, whole = key+" ELSE "+column+"::text END", append(whole, column+" IS NOT NULL")
		} else {
			whole = append(whole, column+" IS NOT NULL")
		}
		keys = append(keys, column)
	}
	query := fmt.Sprintf("SELECT count(*) FROM (SELECT FROM %s WHERE %s AND (%s) GROUP BY %s HAVING count(*) > 1) AS double",
		x.Table, strings.Join(whole, " AND "), x.Where, strings.Join(keys, ", "))
	err = db.Conn.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}
