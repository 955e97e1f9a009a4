package templates

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
)

// plainColumn refuses a column whose type is not the table's to change.
func (in *Input) plainColumn(ctx context.Context, t *Table, col *Column) error {
	if col.Generated || col.Identity {
		return refusef("%s.%s is an identity or generated column", t.As, pgtext.Ident(col.Name))
	}
	typed, err := in.DB.strings(ctx, "SELECT reloftype::regtype FROM pg_catalog.pg_class WHERE oid = $1 AND reloftype <> 0", t.OID)
	if err != nil {
		return err
	}
	if len(typed) > 0 {
		return &Mistake{fmt.Sprintf("%s is a table of the type %s, and takes no other column", t.As, typed[0]), "run ALTER TABLE " + t.As + " NOT OF before"}
	}
	parents, err := in.DB.strings(ctx, `
SELECT h.inhparent::regclass
  FROM pg_catalog.pg_inherits AS h
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.inhrelid
 WHERE h.inhrelid = $1 AND a.attname = $2 AND a.attinhcount > 0
 ORDER BY h.inhseqno`, t.OID, col.Name)
	if err != nil {
		return err
	}
	if len(parents) > 0 {
		return refusef("%s.%s is inherited from %s, and cannot be renamed or dropped by itself", t.As, pgtext.Ident(col.Name), strings.Join(parents, ", "))
	}
	return nil
}

// standsAlone refuses a column that something depends on which a second column
// cannot take over. Its default and its plain indexes can be.
func (in *Input) standsAlone(ctx context.Context, t *Table, col *Column) error {
	found, err := in.DB.strings(ctx, dependentsSQL, t.OID, col.Name)
	if err != nil || len(found) == 0 {
		return err
	}
	return &Mistake{fmt.Sprintf("%s.%s has dependents that a second column cannot take over: %s", t.As, pgtext.Ident(col.Name), strings.Join(found, "; ")), "drop them before and make them again after it, in migrations of their own"}
}

// dependentsSQL lists what depends on a table's ($1) column ($2), beside what a
// second column takes over. Of a generated column it is the column itself in
// PostgreSQL 14, its expression in later ones.
const dependentsSQL = `
SELECT CASE WHEN g.attgenerated <> '' THEN pg_catalog.format('generated column %I', g.attname)
            ELSE pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END
  FROM pg_catalog.pg_depend AS d
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  LEFT JOIN pg_catalog.pg_class AS i ON d.classid = 'pg_catalog.pg_class'::regclass AND i.oid = d.objid
  LEFT JOIN pg_catalog.pg_constraint AS c ON d.classid = 'pg_catalog.pg_constraint'::regclass AND c.oid = d.objid
  LEFT JOIN pg_catalog.pg_attrdef AS e ON (d.classid, d.objid, d.objsubid) IN (('pg_catalog.pg_attrdef'::regclass, e.oid, 0), ('pg_catalog.pg_class'::regclass, e.adrelid, e.adnum))
  LEFT JOIN pg_catalog.pg_attribute AS g ON g.attrelid = e.adrelid AND g.attnum = e.adnum
 WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = $1 AND a.attname = $2
   AND g.attnum IS DISTINCT FROM a.attnum
   AND i.relkind IS DISTINCT FROM 'i'
   AND c.contype IS DISTINCT FROM 'n'
 UNION
SELECT 'the partition key' FROM pg_catalog.pg_partitioned_table AS p
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[])
 WHERE p.partrelid = $1 AND a.attname = $2
 ORDER BY 1`
