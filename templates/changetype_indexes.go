package templates

import "context"

// shadowIndex is an index of the column, its twin on the second column, and
// where it stands aside after the switch.
type shadowIndex struct {
	twin
	Aside, AsideFull string
	// Marks are how the table names it: they go along with the name at the switch.
	Marks     []string
	name, def string
}

// shadowIndexes has the server write the column's indexes for other columns, on
// an empty table of the same kind whose column takes on those names.
func (in *Input) shadowIndexes(ctx context.Context, t *Table, column, fresh, old string) ([]shadowIndex, error) {
	all, err := in.indexesOf(ctx, t, column)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if t.Partitioned {
		return nil, refusef("%s is partitioned, and indexes with %s cannot be built again CONCURRENTLY", t.As, Ident(column))
	}
	err = in.DB.rolledBack(ctx, func() error {
		for n := range all {
			if err := all[n].retell(ctx, in, t, column, fresh, old); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// retell finds out what the index is over the column's other names.
func (x *shadowIndex) retell(ctx context.Context, in *Input, t *Table, column, fresh, old string) error {
	_, tail := cutOutsideQuotes(x.def, " USING ")
	for to, name := range map[*string]string{&x.After: fresh, &x.Before: old} {
		def, err := retold(ctx, in.DB.Conn, t.Full(), probeIndex(tail), "ALTER TABLE pg_temp.rung_probe RENAME COLUMN "+Ident(column)+" TO "+Ident(name), probeIndexDef)
		if err != nil {
			return err
		}
		_, tail := cutOutsideQuotes(def, " USING ")
		*to = indexLines(cutOutsideQuotes(tail, " WHERE "))
	}
	return nil
}

// indexesOf are the table's indexes that have to do with a column.
func (in *Input) indexesOf(ctx context.Context, t *Table, column string) ([]shadowIndex, error) {
	rows, err := in.DB.Conn.QueryContext(ctx, indexesOfSQL, t.OID, column)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []shadowIndex
	for rows.Next() {
		var x shadowIndex
		var unique, clustered, identity, own bool
		if err := rows.Scan(&x.name, &x.def, &unique, &x.Said, &clustered, &identity, &own); err != nil {
			return nil, err
		}
		if own {
			return nil, refusef("index %s has a tablespace or statistics of its own, which one that is built again would not have", t.Beside(x.name))
		}
		fresh, aside := Name(x.name, "new"), Name(x.name, "old")
		x.Create = "CREATE " + map[bool]string{true: "UNIQUE "}[unique] + "INDEX"
		x.Old, x.OldFull = Ident(x.name), t.Beside(x.name)
		x.New, x.NewFull = Ident(fresh), t.Beside(fresh)
		x.Aside, x.AsideFull = Ident(aside), t.Beside(aside)
		if clustered {
			x.Marks = append(x.Marks, "CLUSTER ON "+x.Old)
		}
		if identity {
			x.Marks = append(x.Marks, "REPLICA IDENTITY USING INDEX "+x.Old)
		}
		all = append(all, x)
	}
	return all, rows.Err()
}

const indexesOfSQL = `
SELECT c.relname, pg_catalog.pg_get_indexdef(i.indexrelid), i.indisunique,
       coalesce(pg_catalog.obj_description(i.indexrelid, 'pg_class'), ''), i.indisclustered, i.indisreplident,
       c.reltablespace <> 0 OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
 WHERE i.indrelid = $1
   AND EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                 JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                WHERE d.objid = i.indexrelid AND d.classid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND a.attname = $2)
 ORDER BY i.indexrelid`
