package enum

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// rolling is a change of type by second columns, as enum-online makes them, which two
// programs use at once: the old one has the table, and the new one a view of the same
// name in a schema of its own, with a type of the same name.
type rolling struct {
	*online
	schema  string // of the new program
	invoker bool   // views can have the rights of who reads them
	grants  map[uint32][]string
	usage   []string
}

// rolled is what sql/enum-rolling.sql sees.
type rolled struct {
	E     *catalog.Enum
	O     *online
	Touch []string
	R     *rolling
}

// Rolling changes a type while an old and a new program run.
func Rolling(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	c, err := readChange(ctx, in)
	if err != nil {
		return nil, err
	}
	r := &rolling{online: &online{swap: swap{Change: c}}, schema: sqltext.OrElse(in.Params["schema"], "app_v2"), grants: map[uint32][]string{}}
	r.online.beside = r.schema
	if err := r.mustRoll(ctx, in); err != nil {
		return nil, err
	}
	back, err := r.backWith(in)
	if err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(c.mustFit(ctx, in), seeCasts(ctx, in, c), c.mustHaveRoom(ctx, in)); err != nil {
		return nil, err
	}
	o := r.online
	if o.Doubled, err = c.mustStayUnique(ctx, in.DB); err != nil {
		return nil, err
	}
	if err := o.look(ctx, in, "enum-rolling", o.read); err != nil {
		return nil, err
	}
	o.forthWay = o.between(o.Old, o.New, o.To, o.after)
	o.backWay = o.between(o.New, o.Old, back, o.before)
	if err := o.columns(ctx, in); err != nil {
		return nil, err
	}
	o.fresh = o.Enum.Name
	more := o.beforehand()
	if err := mistake.FirstOf(o.mustLetIn(more), o.uses(more...), o.k.MustKeepTexts(more...), o.freeNames(ctx, in), r.mustBeSeen(), o.mustPass(ctx, in)); err != nil {
		return nil, err
	}
	if err := r.rights(ctx, in); err != nil {
		return nil, err
	}
	touch, err := o.functions(ctx, in)
	if err != nil {
		return nil, err
	}
	r.say(in)
	return rolled{c.Enum, o, touch, r}, mistake.FirstOf(notice.Published(ctx, in, "a column", c.Enum.Tables()...), warnOfBodies(ctx, in, c))
}

// mustRoll refuses what two programs cannot do at once.
func (r *rolling) mustRoll(ctx context.Context, in *task.Input) error {
	var there bool
	var version int
	err := in.DB.QueryRow(ctx, catalog.SQL("schema_exists"), r.schema).Scan(&there, &version)
	switch {
	case err != nil:
		return err
	case there:
		return mistake.New(fmt.Sprintf("there is a schema %s already", pgtext.Ident(r.schema)), "name another one by --set schema=…")
	case r.Same():
		return mistake.Refusef("nothing to do: the values of %s are %s already", r.Enum.As, sqltext.Join(r.New, sqltext.EnumValue))
	case len(r.Enum.Columns) == 0:
		return notBy("enum-rolling", "no table has the type", "enum-swap")
	}
	r.invoker = version >= 150000
	for _, c := range r.Enum.Columns {
		if c.Array {
			return notBy("enum-rolling", c.String()+" is an array", "enum-online")
		}
		t, err := in.DB.Table(ctx, c.TableAs())
		if err != nil {
			return err
		}
		if t.Secured && !r.invoker {
			return mistake.Refusef("%s has row security, and before PostgreSQL 15 a view would have the rights of its owner", t.As)
		}
		if col, err := t.Column(c.Column); err != nil || !col.NotNull && col.Default != "" {
			return mistake.FirstOf(err, mistake.New(
				fmt.Sprintf("%s can be NULL and has a default: an INSERT of NULL by the new program cannot be told from one by the old program", c), "make it NOT NULL first (set-not-null)",
			))
		}
	}
	return r.Enum.MustLast()
}

// backWith is the old value that stands for each new one: what the map says, or for one
// that none or several old ones become, what back says.
func (r *rolling) backWith(in *task.Input) (map[string]string, error) {
	pairs, err := words.SplitMap(in.Params["back"])
	if err != nil {
		return nil, err
	}
	back := map[string]string{}
	for _, p := range pairs {
		if !sqltext.Has(r.New, p.From) || !sqltext.Has(r.Old, p.To) {
			return nil, mistake.New(fmt.Sprintf("back=%s=%s: it says which old value stands for a new one", p.From, p.To), "new are "+sqltext.Join(r.New, sqltext.EnumValue)+"; old are "+sqltext.Join(r.Old, sqltext.EnumValue))
		}
		back[p.From] = p.To
	}
	var open []string
	for _, l := range r.New {
		var from []string
		for _, old := range r.Old {
			if to, ok := r.To[old]; ok && to == l {
				from = append(from, old)
			}
		}
		if _, said := back[l]; said {
			continue
		}
		if len(from) != 1 {
			open = append(open, l)
			continue
		}
		back[l] = from[0]
	}
	if len(open) > 0 {
		return nil, mistake.New(
			fmt.Sprintf("no single old value becomes %s: what is the old program to see where the new one writes that?", sqltext.Join(open, sqltext.EnumValue)),
			"say it by --set back="+open[0]+"="+r.Old[0]+", one of "+sqltext.Join(r.Old, sqltext.EnumValue),
		)
	}
	return back, nil
}

// mustBeSeen refuses views that read the column: the new program would find the old
// values in them.
func (r *rolling) mustBeSeen() error {
	var views []string
	for _, p := range r.k.Pieces {
		if strings.HasPrefix(p.What, "view ") {
			views = append(views, p.What)
		}
	}
	if len(views) == 0 {
		return nil
	}
	return mistake.New("the new program would see the old values in "+strings.Join(views, ", "), "drop them in a migration before, and make them again in one after")
}

// rights reads who may use the tables and their schema, for the views.
func (r *rolling) rights(ctx context.Context, in *task.Input) error {
	for _, t := range r.Tables {
		all, err := in.DB.Strings(ctx, catalog.SQL("grants_for_view"), t.T.OID, r.schema)
		if err != nil {
			return err
		}
		r.grants[t.T.OID] = all
	}
	var err error
	r.usage, err = catalog.List(ctx, in.DB, func(rows *sql.Rows) (s string, err error) { err = rows.Scan(&s); return s, err }, catalog.SQL("grants_for_schema"), r.Tables[0].T.Schema, r.schema)
	return err
}

func (r *rolling) Schema() string { return pgtext.Ident(r.schema) }

// Usage are the grants that let those use the schema who may use the tables'.
func (r *rolling) Usage() []string { return r.usage }

// View is a table as the new program sees it: its own columns, and the new ones under
// the names of those that they stand for. All is as SQL.
type view struct {
	Name, Of string
	// Invoker is true where it can have the rights of who reads it.
	Invoker bool
	Columns []viewColumn
	Grants  []string
}

// viewColumn is one of its columns; As is the name under which it is seen, "" for its own.
type viewColumn struct{ Column, As, Default string }

// View is that of a table.
func (r *rolling) View(t *onlineTable) view {
	v := view{Name: r.Schema() + "." + pgtext.Ident(t.T.Name), Of: t.T.Full(), Invoker: r.invoker, Grants: r.grants[t.T.OID]}
	for _, c := range t.T.Columns {
		one := viewColumn{Column: pgtext.Ident(c.Name)}
		if i := slices.IndexFunc(t.Columns, func(o *onlineColumn) bool { return o.EnumColumn.Column == c.Name }); i >= 0 {
			one.Column, one.As = t.Columns[i].Fresh(), pgtext.Ident(c.Name)
			one.Default = strings.ReplaceAll(r.forthWay.fill(t.Columns[i].def), "::"+r.Enum.Full, "::"+r.FreshType())
		}
		v.Columns = append(v.Columns, one)
	}
	return v
}

// Views are their names, in the order of the tables.
func (r *rolling) Views() []string {
	var all []string
	for _, t := range r.Tables {
		all = append(all, r.Schema()+"."+pgtext.Ident(t.T.Name))
	}
	return all
}

// Both is the trigger while two programs write: each one's column follows the other's.
// What is written again as it is changes nothing.
func (r *rolling) Both(t *onlineTable) shared.Follow {
	return r.follow(t, func(c *onlineColumn) shared.FollowPair {
		forth := r.value(c, "NEW."+c.Column(), r.forthWay)
		return shared.FollowPair{
			From: c.Column(), To: c.Fresh(), Value: forth, Kept: sqltext.Cased(forth), Cast: "text",
			Back: r.value(c, "NEW."+c.Fresh(), r.backWay),
		}
	})
}

func (r *rolling) say(in *task.Input) {
	for _, t := range r.Tables {
		in.Sayf("%s: %s; in batches over %s, while a trigger keeps both columns right, whichever is written", t.T.As, in.About(t.T.Rows), t.Key)
	}
	in.Sayf("deploys: 1. after the file _view, the new program, with search_path = %s, %s, by its role or its connection; both programs run; deploy the old one again to go back", r.Schema(), pgtext.Ident(r.Tables[0].T.Schema))
	in.Sayf("2. no old program is left: apply _switch; 3. with any later release search_path is as it was; then _contract")
	in.Sayf("through a view there is no COPY FROM, TRUNCATE, ON CONFLICT ON CONSTRAINT, nor MERGE before 17, and no primary key in the catalog; a program that writes %s goes past it", r.Tables[0].T.Full())
	in.Sayf("INSERTs of the old program must name their columns, and its SELECT * sees both; PgBouncer in transaction mode forgets SET search_path: give it by ALTER ROLE")
	notice.Twice(in, slices.ContainsFunc(r.Indexes, func(x *onlineIndex) bool { return x.unique }), "_index", "_switch")
	in.Sayf("locks: ACCESS EXCLUSIVE on each table for a moment, several times, and on all together at the switch and the contract; each is given up after 200 ms and tried again")
}

// Pattern finds the schema in a search_path: while a role's settings name it the view stays.
func (r *rolling) Pattern() string {
	return `\m` + sqltext.QuoteMeta([]string{r.schema})[0] + `\M`
}
