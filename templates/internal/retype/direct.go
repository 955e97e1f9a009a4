package retype

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
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
	h         *dependents.Hanging
	e         *catalog.Enum
	// first are the tables that the column refers to, and then those that refer to it.
	first, then []string
	checks      []*dependents.Check
}

// zoned takes the parameter zone: what times without one mean.
func (c *conversion) zoned(ctx context.Context, in *task.Input) error {
	zone := in.Params["zone"]
	if zone == "" {
		return nil
	}
	var from, to string
	err := in.DB.UsualRow(ctx, catalog.SQL("find_types"), c.col.Type, c.typ).Scan(&from, &to)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(from, "timestamp ") || !strings.HasPrefix(to, "timestamp ") || from == to {
		return mistake.New(fmt.Sprintf("zone=%s: %s.%s does not go from timestamp to timestamptz or back", zone, c.t.As, pgtext.Ident(c.col.Name)), "leave it out")
	}
	if c.forth != "" || c.back != "" {
		return mistake.New("zone says how the values become others, and so do value and back", "leave zone out, or those")
	}
	known, err := in.DB.Strings(ctx, catalog.SQL("timezone_names"))
	if err != nil {
		return err
	}
	if !sqltext.Has(known, zone) {
		return mistake.Unknown("time zone", zone, known)
	}
	c.utc = sqltext.Has([]string{"UTC", "Etc/UTC", "GMT"}, zone)
	c.forth = pgtext.Ident(c.col.Name) + " AT TIME ZONE " + pgtext.Literal(zone)
	c.back = c.forth
	if c.def == "" && c.col.Default != "" { // now() is the same moment in both
		c.def = c.col.Default
	}
	return nil
}

// way finds out what one ALTER would do, and chooses between it and a second column.
// What the server changes without a look at a row is direct whatever the size.
func (c *conversion) way(ctx context.Context, in *task.Input) (direct bool, d *altered, err error) {
	given := in.Params["way"]
	if given == "online" {
		direct, err = way.Choose(ctx, in, c.t, way.Rewrites)
		return direct, nil, err
	}
	d = &altered{conversion: c}
	if err := mistake.FirstOf(d.dependents(ctx, in), d.ask(ctx, in)); err != nil {
		return false, nil, err
	}
	switch {
	case d.free():
		in.Limit = way.Rewrites.Bytes
		in.Sayf("PostgreSQL makes %s of %s without a look at a row: one ALTER TABLE, whatever the size; --set way=online would write a second column", c.typ, c.col.Type)
		return true, d, nil
	case given == "" && len(d.first)+len(d.then) > 0:
		return false, nil, nil // a foreign key would be checked under the lock
	}
	direct, err = way.Choose(ctx, in, c.t, way.Rewrites)
	return direct, d, err
}

// free reports whether the change is one of the catalog alone.
func (d *altered) free() bool {
	return !d.rewrites && !d.rebuilds && len(d.h.Generated) == 0 && len(d.h.Oids["m"]) == 0
}

// dependents reads what depends on the column.
func (d *altered) dependents(ctx context.Context, in *task.Input) (err error) {
	var number int
	err = in.DB.QueryRow(ctx, catalog.SQL("column_collation"), d.t.OID, d.col.Name).Scan(&number, &d.collation)
	if err != nil {
		return err
	}
	d.e = columnAsEnum(d.t, d.col, number)
	if d.h, err = dependents.Hangs(ctx, in.DB, "change-type", d.e); err != nil {
		return err
	}
	d.first, err = in.DB.Strings(ctx, catalog.SQL("foreign_tables_into"), d.t.OID, number)
	if err != nil {
		return err
	}
	d.then, err = in.DB.Strings(ctx, catalog.SQL("foreign_tables_from"), d.t.OID, number)
	return err
}

// columnAsEnum is a column as the code wants it that carries along what depends on an enum.
func columnAsEnum(t *catalog.Table, col *catalog.Column, number int) *catalog.Enum {
	return &catalog.Enum{As: t.As + "." + pgtext.Ident(col.Name), Name: col.Name, Full: col.Type, Columns: []catalog.EnumColumn{
		{Table: t.OID, Schema: t.Schema, Name: t.Name, Column: col.Name, Number: number},
	}}
}

// ask has the server make the change on an empty, temporary table with the same
// columns and indexes, and looks at what became of their files: a table or an index
// that is written anew has another one. An expression is always worked out for each
// row, and so need not be asked about.
func (d *altered) ask(ctx context.Context, in *task.Input) error {
	if err := mistake.FirstOf(d.complete(ctx, in), d.comparable(ctx, in), d.collate(ctx, in, d.collation)); err != nil {
		return err
	}
	if d.forthSaid && !d.utc {
		d.using, d.rewrites = d.forth, true
		return nil
	}
	alter := "ALTER TABLE pg_temp.rung_probe ALTER COLUMN " + pgtext.Ident(d.col.Name) + " TYPE " + d.typ + d.conversion.collation
	return in.DB.RolledBack(ctx, func() error {
		if err := in.DB.ExecTrusted(ctx, "CREATE TEMP TABLE rung_probe (LIKE "+d.t.Full()+" INCLUDING INDEXES)"); err != nil {
			return err
		}
		table, indexes, err := in.DB.ProbeFiles(ctx)
		if err != nil {
			return err
		}
		if d.utc {
			if err := in.DB.ExecTrusted(ctx, "SET LOCAL TimeZone = 'UTC'"); err != nil {
				return err
			}
		}
		if err := in.DB.ExecTrusted(ctx, "SAVEPOINT rung_ask"); err != nil {
			return err
		}
		err = in.DB.One(ctx, alter)
		if e := pq.As(err); e != nil && e.Code == pqerror.DatatypeMismatch {
			d.using = d.forth
			if err := in.DB.RollbackTo(ctx, "rung_ask"); err != nil {
				return err
			}
			err = in.DB.One(ctx, alter+" USING "+d.using)
		}
		if err != nil {
			return ensure.BadParam("type", d.typ, err)
		}
		tableThen, indexesThen, err := in.DB.ProbeFiles(ctx)
		if err != nil {
			return err
		}
		d.rewrites, d.rebuilds = table != tableThen, indexes != indexesThen
		return nil
	})
}

// atOnce is what sql/direct/change-type.sql sees.
type atOnce struct {
	T                        *catalog.Table
	Direct, Free, Utc, Exact bool
	// Rewrites is true where the table is written anew.
	Rewrites                 bool
	Small                    way.SmallTable
	Lock                     *dependents.Lock
	Column, Name, Drop, Make string
	Checks                   []*dependents.Check
	Alter, Back, Kept        string
	ThereAndBack, AsText     string
	Fits                     []shared.FitCheck
	OldType, NewType         string
}

// look is the data of the direct way.
func (d *altered) look(ctx context.Context, in *task.Input) (any, error) {
	k, err := d.snapshot(ctx, in)
	if err != nil {
		return nil, err
	}
	views, others := dependents.ViewsFirst(k.Pieces)
	var makes []string
	for _, p := range k.Pieces {
		makes = append(makes, p.Make...)
	}
	t, name := d.t, pgtext.Ident(d.col.Name)
	exact, err := d.exact(ctx, in)
	if err != nil {
		return nil, err
	}
	kept := sqltext.Name(t.Name, d.col.Name, "kept")
	if !exact {
		if err := ensure.Free(ctx, in, t, kept); err != nil {
			return nil, err
		}
	}
	does := ""
	if !d.rewrites {
		does = "Indexes are built again."
	}
	small := way.Small(in, t, way.Rewrites, "ACCESS EXCLUSIVE", does)
	small.First, small.Then, small.Views = d.first, d.then, dependents.Drops(views)
	fits := d.fitsBack()
	data := atOnce{
		Direct: true, Free: d.free(), Rewrites: d.rewrites, Small: small, Lock: dependents.Together(slices.Concat(d.first, []string{t.As}, d.then), views), T: t, Column: d.col.Name, Name: name,
		Drop: dependents.Drops(others), Make: sqltext.Statements(makes), Checks: valid(d.checks), Utc: d.utc,
		Alter: d.alter(d.typ+d.conversion.collation, d.using, d.col.Default, d.becomes(in)),
		Back:  d.alter(d.col.Type+d.collation, d.usingBack(), d.becomes(in), d.col.Default),
		Exact: exact, Kept: t.Beside(kept), ThereAndBack: d.thereAndBack, AsText: d.oldAsText, Fits: fits, OldType: d.col.Type, NewType: d.typ,
	}
	d.say(in, k, exact, t.Beside(kept))
	return data, notice.Published(ctx, in, "a column of another type", t.OID)
}

// snapshot reads what ALTER TABLE does not carry along by itself. Indexes, constraints
// and statistics it does, but for those of a generated column, which goes.
func (d *altered) snapshot(ctx context.Context, in *task.Input) (*dependents.Snapshot, error) {
	k, err := dependents.Read(ctx, in.DB, d.e, d.h, func(r *dependents.Reader) []func() error {
		read := []func() error{r.Grants, r.ReadDefaults, r.Columns}
		if len(d.h.Generated) > 0 {
			read = append(read, r.Statistics, r.Parts, r.Indexes, func() error { return r.Constraints(false) })
		}
		read = append(read, r.Views, r.Rules, r.Triggers, r.Policies, r.Publications)
		if d.free() {
			read = append(read, func() error { return d.readChecks(r) })
		}
		return read
	})
	if err != nil {
		return nil, err
	}
	if err := k.MustKeepTexts(); err != nil {
		return nil, err
	}
	return k, ensure.MustOwn(ctx, in, sqltext.Unique(append(k.Tables, d.t.Full())), k.Of.Views)
}

// readChecks are the table's CHECKs. ALTER TABLE would test the valid ones in every row.
func (d *altered) readChecks(r *dependents.Reader) error {
	return r.Rows("checks", func(scan func(...any) error) error {
		k := &dependents.Check{}
		var schema, table string
		if err := scan(&schema, &table, &k.Constraint, &k.Definition, &k.Valid, &k.Remark); err != nil {
			return err
		}
		if k.Table = d.t.As; schema == d.t.Schema && table == d.t.Name {
			d.checks = append(d.checks, k)
		}
		return nil
	}, pq.Array(r.H.Oids["pg_constraint"]))
}

// valid are those that a change of type would test.
func valid(all []*dependents.Check) []*dependents.Check {
	return slices.DeleteFunc(slices.Clone(all), func(k *dependents.Check) bool { return !k.Valid })
}

// becomes is the default that the column gets: the old one, as PostgreSQL converts
// it, where neither a person nor a cast says otherwise.
func (d *altered) becomes(in *task.Input) string {
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
	return sqltext.AlterTable(d.t.As, lines) + ";"
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
func (d *altered) exact(ctx context.Context, in *task.Input) (is bool, err error) {
	if !d.rewrites || d.utc {
		return true, nil
	}
	if d.forthSaid || d.backSaid {
		return false, nil
	}
	from, err := in.DB.UsualType(ctx, d.col.Type)
	if err != nil {
		return false, err
	}
	to, err := in.DB.UsualType(ctx, d.typ)
	if err != nil {
		return false, err
	}
	err = in.DB.QueryRow(ctx, catalog.SQL("cast_exact"), from, to, d.typ).Scan(&is)
	return is, err
}

// say reports what the direct way does.
func (d *altered) say(in *task.Input, k *dependents.Snapshot, exact bool, kept string) {
	t, name := d.t, d.t.As+"."+pgtext.Ident(d.col.Name)
	if len(k.Pieces) > 0 {
		in.Sayf("dropped and made again: %s", sqltext.JoinBy(k.Pieces, ", ", func(p dependents.Piece) string { return p.What }))
		dependents.SayRemade(in, k.Pieces)
	}
	if !k.Last {
		in.Sayf("a generated column is dropped and made again, and moves to the end of its table")
	}
	switch {
	case d.free():
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment; the down migration rewrites the table under the same lock, and refuses a table of more than %s", t.As, sqltext.Size(way.Big))
	case !exact && len(t.Key) > 0:
		in.Sayf("%s keeps the values that the down migration could not restore from the new ones; drop it when you no longer need that", kept)
	case !exact:
		in.Sayf("%s has no key by which to keep values that do not convert back exactly: the file stops if there are any", t.As)
	}
	if !d.free() {
		in.Sayf("locks: ACCESS EXCLUSIVE on %s until all of it has committed; it is refused from %s on", strings.Join(append(slices.Concat(d.first, []string{t.As}), d.then...), ", "), sqltext.Size(in.Limit))
	}
	notice.Prepared(in, name)
}
