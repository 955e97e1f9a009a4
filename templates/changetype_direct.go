package templates

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtext"
)

// altered is a change by one ALTER COLUMN … TYPE, and what the server does for it.
type altered struct {
	*conversion
	// using is how old values become new ones, where that is not the server's own way.
	using string
	// rewrites is true where the table is written anew, and rebuilds where an index is.
	rewrites, rebuilds bool
	// collation is the column's own, which an ALTER that leaves it out would reset.
	collation string
	h         *hanging
	e         *Enum
	// first are the tables that the column refers to, and then those that refer to it.
	first, then []string
	checks      []*onlineCheck
}

// zoned takes the parameter zone: what times without one mean.
func (c *conversion) zoned(ctx context.Context, in *Input) error {
	zone := in.Params["zone"]
	if zone == "" {
		return nil
	}
	var from, to string
	err := in.DB.usualRow(ctx, "SELECT pg_catalog.to_regtype($1)::pg_catalog.text, pg_catalog.to_regtype($2)::pg_catalog.text", c.col.Type, c.typ).Scan(&from, &to)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(from, "timestamp ") || !strings.HasPrefix(to, "timestamp ") || from == to {
		return &Mistake{fmt.Sprintf("zone=%s: %s.%s does not go from timestamp to timestamptz or back", zone, c.t.As, pgtext.Ident(c.col.Name)), "leave it out"}
	}
	if c.forth != "" || c.back != "" {
		return &Mistake{"zone says how the values become others, and so do value and back", "leave zone out, or those"}
	}
	known, err := in.DB.strings(ctx, "SELECT name FROM pg_catalog.pg_timezone_names ORDER BY 1")
	if err != nil {
		return err
	}
	if !has(known, zone) {
		return unknown("time zone", zone, known)
	}
	c.utc = has([]string{"UTC", "Etc/UTC", "GMT"}, zone)
	c.forth = pgtext.Ident(c.col.Name) + " AT TIME ZONE " + pgtext.Literal(zone)
	c.back = c.forth
	if c.def == "" && c.col.Default != "" { // now() is the same moment in both
		c.def = c.col.Default
	}
	return nil
}

// way finds out what one ALTER would do, and chooses between it and a second column.
// What the server changes without a look at a row is direct whatever the size.
func (c *conversion) way(ctx context.Context, in *Input) (direct bool, d *altered, err error) {
	given := in.Params["way"]
	if given == "online" {
		direct, err = in.way(ctx, c.t, rewrites)
		return direct, nil, err
	}
	d = &altered{conversion: c}
	if err := firstOf(d.dependents(ctx, in), d.ask(ctx, in)); err != nil {
		return false, nil, err
	}
	switch {
	case d.free():
		in.limit = rewrites.bytes
		in.Sayf("PostgreSQL makes %s of %s without a look at a row: one ALTER TABLE, whatever the size; --set way=online would write a second column", c.typ, c.col.Type)
		return true, d, nil
	case given == "" && len(d.first)+len(d.then) > 0:
		return false, nil, nil // a foreign key would be checked under the lock
	}
	direct, err = in.way(ctx, c.t, rewrites)
	return direct, d, err
}

// free reports whether the change is one of the catalog alone.
func (d *altered) free() bool {
	return !d.rewrites && !d.rebuilds && len(d.h.generated) == 0 && len(d.h.oids["m"]) == 0
}

// dependents reads what depends on the column.
func (d *altered) dependents(ctx context.Context, in *Input) (err error) {
	var number int
	err = in.DB.queryRow(ctx, `
SELECT a.attnum, coalesce((SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname)
                             FROM pg_catalog.pg_collation AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
                            WHERE c.oid = a.attcollation AND a.attcollation <> y.typcollation), '')
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid
 WHERE a.attrelid = $1 AND a.attname = $2`, d.t.OID, d.col.Name).Scan(&number, &d.collation)
	if err != nil {
		return err
	}
	d.e = columnAsEnum(d.t, d.col, number)
	if d.h, err = in.DB.hangs(ctx, "change-type", d.e); err != nil {
		return err
	}
	d.first, err = in.DB.strings(ctx, `
SELECT DISTINCT confrelid::regclass::text FROM pg_catalog.pg_constraint
 WHERE conrelid = $1 AND contype = 'f' AND $2::int2 = ANY (conkey) AND confrelid <> conrelid ORDER BY 1`, d.t.OID, number)
	if err != nil {
		return err
	}
	d.then, err = in.DB.strings(ctx, `
SELECT DISTINCT conrelid::regclass::text FROM pg_catalog.pg_constraint
 WHERE confrelid = $1 AND contype = 'f' AND $2::int2 = ANY (confkey) AND confrelid <> conrelid AND conparentid = 0 ORDER BY 1`, d.t.OID, number)
	return err
}

// columnAsEnum is a column as the code wants it that carries along what depends on an enum.
func columnAsEnum(t *Table, col *Column, number int) *Enum {
	return &Enum{As: t.As + "." + pgtext.Ident(col.Name), Name: col.Name, Full: col.Type, Columns: []EnumColumn{
		{Table: t.OID, Schema: t.Schema, Name: t.Name, Column: col.Name, Number: number},
	}}
}

// ask has the server make the change on an empty, temporary table with the same
// columns and indexes, and looks at what became of their files: a table or an index
// that is written anew has another one. An expression is always worked out for each
// row, and so need not be asked about.
func (d *altered) ask(ctx context.Context, in *Input) error {
	if err := firstOf(d.complete(ctx, in), d.comparable(ctx, in), d.collate(ctx, in, d.collation)); err != nil {
		return err
	}
	if d.forthSaid && !d.utc {
		d.using, d.rewrites = d.forth, true
		return nil
	}
	const files = "SELECT pg_catalog.pg_relation_filenode('pg_temp.rung_probe'::regclass), ARRAY(SELECT pg_catalog.pg_relation_filenode(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = 'pg_temp.rung_probe'::regclass ORDER BY 1)::text"
	alter := "ALTER TABLE pg_temp.rung_probe ALTER COLUMN " + pgtext.Ident(d.col.Name) + " TYPE " + d.typ + d.conversion.collation
	return in.DB.rolledBack(ctx, func() error {
		if err := in.DB.execTrusted(ctx, "CREATE TEMP TABLE rung_probe (LIKE "+d.t.Full()+" INCLUDING INDEXES)"); err != nil {
			return err
		}
		var table, tableThen int64
		var indexes, indexesThen string
		if err := in.DB.queryRow(ctx, files).Scan(&table, &indexes); err != nil {
			return err
		}
		if d.utc {
			if err := in.DB.execTrusted(ctx, "SET LOCAL TimeZone = 'UTC'"); err != nil {
				return err
			}
		}
		if err := in.DB.execTrusted(ctx, "SAVEPOINT rung_ask"); err != nil {
			return err
		}
		err := in.DB.one(ctx, alter)
		if e := pq.As(err); e != nil && e.Code == pqerror.DatatypeMismatch {
			d.using = d.forth
			if err := in.DB.rollbackTo(ctx, "rung_ask"); err != nil {
				return err
			}
			err = in.DB.one(ctx, alter+" USING "+d.using)
		}
		if err != nil {
			return badParam("type", d.typ, err)
		}
		if err := in.DB.queryRow(ctx, files).Scan(&tableThen, &indexesThen); err != nil {
			return err
		}
		d.rewrites, d.rebuilds = table != tableThen, indexes != indexesThen
		return nil
	})
}

// look is the data of the direct way.
func (d *altered) look(ctx context.Context, in *Input) (map[string]any, error) {
	k, err := d.capture(ctx, in)
	if err != nil {
		return nil, err
	}
	views, others := viewsFirst(k.pieces)
	var makes []string
	for _, p := range k.pieces {
		makes = append(makes, p.Make...)
	}
	t, name := d.t, pgtext.Ident(d.col.Name)
	exact, err := d.exact(ctx, in)
	if err != nil {
		return nil, err
	}
	kept := Name(t.Name, d.col.Name, "kept")
	if !exact {
		if err := in.free(ctx, t, kept); err != nil {
			return nil, err
		}
	}
	does := "The table is rewritten once, with its indexes."
	if !d.rewrites {
		does = "Indexes are built again."
	}
	small := in.small(t, rewrites, "ACCESS EXCLUSIVE", does)
	small.First, small.Then, small.Views = d.first, d.then, drops(views)
	fits := d.fitsBack()
	data := map[string]any{
		"direct": true, "free": d.free(), "small": small, "lock": together(slices.Concat(d.first, []string{t.As}, d.then), views), "t": t, "column": d.col.Name, "name": name,
		"drop": drops(others), "make": statements(makes), "checks": valid(d.checks), "utc": d.utc,
		"alter": d.alter(d.typ+d.conversion.collation, d.using, d.col.Default, d.becomes(in)),
		"back":  d.alter(d.col.Type+d.collation, d.usingBack(), d.becomes(in), d.col.Default),
		"exact": exact, "kept": t.Beside(kept), "there_and_back": d.thereAndBack, "as_text": d.oldAsText, "fits": fits, "old_type": d.col.Type, "new_type": d.typ,
	}
	d.say(in, k, exact, t.Beside(kept))
	return data, in.sayPublished(ctx, "a column of another type", t.OID)
}

// capture reads what ALTER TABLE does not carry along by itself. Indexes, constraints
// and statistics it does, but for those of a generated column, which goes.
func (d *altered) capture(ctx context.Context, in *Input) (*capture, error) {
	k, err := in.DB.capture(ctx, d.e, d.h, func(r *reader) []func() error {
		read := []func() error{r.grants, r.readDefaults, r.columns}
		if len(d.h.generated) > 0 {
			read = append(read, r.statistics, r.parts, r.indexes, func() error { return r.constraints(false) })
		}
		read = append(read, r.views, r.rules, r.triggers, r.policies, r.publications)
		if d.free() {
			read = append(read, func() error { return d.readChecks(r) })
		}
		return read
	})
	if err != nil {
		return nil, err
	}
	if err := k.mustKeepTexts(); err != nil {
		return nil, err
	}
	return k, in.mustOwn(ctx, unique(append(k.tables, d.t.Full())), k.of.views)
}

// readChecks are the table's CHECKs. ALTER TABLE would test the valid ones in every row.
func (d *altered) readChecks(r *reader) error {
	return r.rows("checks", func(scan func(...any) error) error {
		k := &onlineCheck{}
		var schema, table string
		if err := scan(&schema, &table, &k.name, &k.def, &k.valid, &k.said); err != nil {
			return err
		}
		if k.Table = d.t.As; schema == d.t.Schema && table == d.t.Name {
			d.checks = append(d.checks, k)
		}
		return nil
	}, pq.Array(r.h.oids["pg_constraint"]))
}

// valid are those that a change of type would test.
func valid(all []*onlineCheck) []*onlineCheck {
	return slices.DeleteFunc(slices.Clone(all), func(k *onlineCheck) bool { return !k.valid })
}

// Name, Def and Said are for the direct files.
func (k *onlineCheck) Name() string { return pgtext.Ident(k.name) }
func (k *onlineCheck) Def() string  { return k.def }
func (k *onlineCheck) Said() string { return statements(k.comment(k.name)) }

// becomes is the default that the column gets: the old one, as PostgreSQL converts
// it, where neither a person nor a cast says otherwise.
func (d *altered) becomes(in *Input) string {
	if in.Params["default"] != "" || d.using != "" {
		return d.def
	}
	return d.col.Default
}

// alter is the ALTER TABLE. A default that does not follow by itself goes before, and
// comes after it.
func (d *altered) alter(typ, using, was, will string) string {
	name := pgtext.Ident(d.col.Name)
	lines := []string{"ALTER COLUMN " + name + " TYPE " + typ}
	if using != "" {
		lines[0] += "\n        USING " + using
	}
	if (was != "" || will != "") && (was != will || using != "") {
		if was != "" {
			lines = append([]string{"ALTER COLUMN " + name + " DROP DEFAULT"}, lines...)
		}
		if will != "" {
			lines = append(lines, "ALTER COLUMN "+name+" SET DEFAULT "+will)
		}
	}
	return alterTable(d.t.As, lines) + ";"
}

// usingBack is how new values become old ones. Without one PostgreSQL refuses what is
// too long, and a cast would cut it.
func (d *altered) usingBack() string {
	if d.utc || !d.rewrites && !d.backSaid {
		return ""
	}
	return d.back
}

// exact reports whether every value comes back as it was, whatever it is.
func (d *altered) exact(ctx context.Context, in *Input) (is bool, err error) {
	if !d.rewrites || d.utc {
		return true, nil
	}
	if d.forthSaid || d.backSaid {
		return false, nil
	}
	from, err := in.DB.usualType(ctx, d.col.Type)
	if err != nil {
		return false, err
	}
	to, err := in.DB.usualType(ctx, d.typ)
	if err != nil {
		return false, err
	}
	err = in.DB.queryRow(ctx, `
SELECT strpos($3, '(') = 0 AND (
           ($1::oid, $2::oid) IN (SELECT f::regtype::oid, t::regtype::oid
                                    FROM (VALUES ('int2', 'int4'), ('int2', 'int8'), ('int4', 'int8'), ('int2', 'numeric'), ('int4', 'numeric'), ('int8', 'numeric'),
                                                 ('float4', 'float8'), ('date', 'timestamp'), ('bool', 'int4')) AS exact (f, t))
           OR $2::oid = 'text'::regtype
              AND ($1::oid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'bool'::regtype, 'uuid'::regtype, 'name'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'inet'::regtype)
                   OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid = $1 AND typtype = 'e')))`, from, to, d.typ).Scan(&is)
	return is, err
}

// say reports what the direct way does.
func (d *altered) say(in *Input, k *capture, exact bool, kept string) {
	t, name := d.t, d.t.As+"."+pgtext.Ident(d.col.Name)
	if len(k.pieces) > 0 {
		in.Sayf("dropped and made again: %s", joinBy(k.pieces, ", ", func(p piece) string { return p.What }))
		in.sayRemade(k.pieces)
	}
	if !k.last {
		in.Sayf("a generated column is dropped and made again, and moves to the end of its table")
	}
	switch {
	case d.free():
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment; the down migration rewrites the table under the same lock, and refuses a table of more than %s", t.As, size(big))
	case !exact && len(t.Key) > 0:
		in.Sayf("%s keeps the values that the down migration could not restore from the new ones; drop it when you no longer need that", kept)
	case !exact:
		in.Sayf("%s has no key by which to keep values that do not convert back exactly: the file stops if there are any", t.As)
	}
	if !d.free() {
		in.Sayf("locks: ACCESS EXCLUSIVE on %s until all of it has committed; it is refused from %s on", strings.Join(append(slices.Concat(d.first, []string{t.As}), d.then...), ", "), size(in.limit))
	}
	in.preparedFail(name)
}
