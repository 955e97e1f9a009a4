package bigint

import (
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
)

// AddFresh adds a table's new columns: without a default and NULL in every row, it
// touches none.
func (t *bigTable) AddFresh() string {
	var add, dress []string
	for _, c := range t.Columns {
		add, dress = append(add, "ADD COLUMN "+c.as(bigSide)+" bigint"), append(dress, c.dress...)
	}
	return dependents.Moment("ACCESS EXCLUSIVE", []string{t.T.As}, nil, append([]string{sqltext.AlterTable(t.T.As, add)}, dress...)...)
}

func (t *bigTable) DropFresh() string {
	return dependents.Moment("ACCESS EXCLUSIVE", []string{t.T.As}, nil, sqltext.AlterTable(t.T.As, sqltext.Prefixed("DROP COLUMN IF EXISTS ", t.idents(bigSide))))
}

func (t *bigTable) idents(side string) []string {
	all := t.names(side)
	for i := range all {
		all[i] = pgtext.Ident(all[i])
	}
	return all
}

// follow are the statements of the trigger by which the columns that come follow
// those that have the names. The old type may not hold a value: its column is NULL
// then, and no write fails of it.
func (t *bigTable) follow(w turn) []string {
	body := ""
	for _, c := range t.Columns {
		value := "NEW." + c.as("")
		if w == turnBack {
			least, most := limits(c.Type)
			value = fmt.Sprintf("CASE WHEN NEW.%s BETWEEN %d AND %d THEN NEW.%[1]s::%[4]s END", c.as(""), least, most, c.Type)
		}
		body += "    NEW." + c.as(w.come) + " := " + value + ";\n"
	}
	f := t.named()
	tag := pgtext.DollarTag("function", body)
	return []string{
		"CREATE FUNCTION " + f.Function + "()\nRETURNS trigger\nLANGUAGE plpgsql\nSET search_path = pg_catalog, pg_temp\nAS " + tag + "\nBEGIN\n" + body + "    RETURN NEW;\nEND\n" + tag,
		"CREATE TRIGGER " + f.Trigger + "\n    BEFORE INSERT OR UPDATE ON " + f.Table + "\n    FOR EACH ROW EXECUTE FUNCTION " + f.Function + "()",
		"-- Also for what a subscription writes.\nALTER TABLE " + f.Table + "\n    ENABLE ALWAYS TRIGGER " + f.Trigger,
	}
}

func limits(typ string) (least, most int64) {
	if typ == "smallint" {
		return -32768, 32767
	}
	return -2147483648, 2147483647
}

func (t *bigTable) named() shared.Follow {
	return shared.Follow{Table: t.T.As, Function: pgtext.Ident(t.T.Schema) + "." + pgtext.Ident(t.function), Trigger: pgtext.Ident(t.trigger)}
}

func (t *bigTable) unfollow(exists string) []string {
	f := t.named()
	return []string{"DROP TRIGGER " + exists + f.Trigger + " ON " + f.Table, "DROP FUNCTION " + exists + f.Function + "()"}
}

// Follow makes the trigger, and Unfollow drops it, as far as it is there.
func (t *bigTable) Follow() string {
	return dependents.Moment("ACCESS EXCLUSIVE", []string{t.T.As}, nil, t.follow(turnForth)...)
}

func (t *bigTable) Unfollow() string {
	return dependents.Moment("ACCESS EXCLUSIVE", []string{t.T.As}, nil, t.unfollow("IF EXISTS ")...)
}

// Fill and Empty are the batches.
func (t *bigTable) Fill() string {
	var set, open []string
	for _, c := range t.Columns {
		set = append(set, c.as(bigSide)+" = "+c.as(""))
		open = append(open, c.as(bigSide)+" IS DISTINCT FROM "+c.as(""))
	}
	return t.update(set, open)
}

func (t *bigTable) Empty() string {
	return t.update(suffixed(t.idents(bigSide), " = NULL"), suffixed(t.idents(bigSide), " IS NOT NULL"))
}

func (t *bigTable) update(set, open []string) string {
	return "UPDATE " + t.T.As + "\n   SET " + strings.Join(set, ",\n       ") + batchOf(t.T, open)
}

func suffixed(all []string, suffix string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = s + suffix
	}
	return out
}

// Prove adds what a switch relies on, and proves it beside reads and writes: both
// columns are equal in every row, the new one is NOT NULL where the old one is, and
// passes its CHECKs.
func (t *bigTable) Prove(side string) string {
	p := shared.Proof{Table: t.T.As}
	p.Want(t.equal(side), "CHECK ("+sqltext.JoinBy(t.Columns, "\n       AND ", func(c *bigColumn) string {
		return c.as(side) + " IS NOT DISTINCT FROM " + c.as("")
	})+")", true, "")
	for _, c := range t.Columns {
		if c.NotNull {
			p.Want(c.filled(side), "CHECK ("+c.as(side)+" IS NOT NULL)", true, "")
		}
	}
	for _, k := range t.Checks {
		p.Want(k.at(side), k.by[side], k.valid, k.said)
	}
	var add, validate, comments []string
	for _, c := range p.Constraints {
		add = append(add, "ADD CONSTRAINT "+c.Name+" "+c.Definition+" NOT VALID")
		if c.Comment != "" {
			comments = append(comments, sqltext.Comment("CONSTRAINT "+c.Name+" ON "+t.T.As, c.Comment))
		}
	}
	for _, c := range p.Valid() {
		validate = append(validate, "VALIDATE CONSTRAINT "+c.Name)
	}
	return dependents.Moment("ACCESS EXCLUSIVE", []string{t.T.As}, nil, append([]string{sqltext.AlterTable(t.T.As, add)}, comments...)...) + sqltext.AlterTable(t.T.As, validate) + ";\n\n"
}

// Unprove drops it, as far as it is there.
func (t *bigTable) Unprove() string {
	names := []string{t.equal(bigSide)}
	for _, c := range t.Columns {
		names = append(names, c.filled(bigSide))
	}
	for _, k := range t.Checks {
		names = append(names, k.at(bigSide))
	}
	for i := range names {
		names[i] = "DROP CONSTRAINT IF EXISTS " + pgtext.Ident(names[i])
	}
	return dependents.Moment("ACCESS EXCLUSIVE", []string{t.T.As}, nil, sqltext.AlterTable(t.T.As, names))
}

// Build makes the indexes of one side: all, or those that are unique or not.
func (t *bigTable) Build(side string, unique bool) string {
	var all string
	for _, x := range t.Indexes {
		if x.unique == unique {
			all += x.create(side)
		}
	}
	return all
}

// Unbuild drops the new indexes.
func (t *bigTable) Unbuild() string {
	var all string
	for _, x := range t.Indexes {
		all += x.drops(bigSide)
	}
	return all
}

// switched are the statements of a switch, once the table is locked.
func (b *bigKey) switched(t *bigTable, w turn) []string {
	_, others := dependents.ViewsFirst(t.k.Pieces)
	all := t.unfollow("")
	for _, p := range sqltext.Reversed(others) {
		all = append(all, p.Drop...)
	}
	drop := []string{"DROP CONSTRAINT " + pgtext.Ident(t.equal(w.come))}
	var require []string
	for _, c := range t.Columns {
		if c.NotNull {
			require = append(require, "ALTER COLUMN "+c.as(w.come)+" SET NOT NULL")
			drop = append(drop, "DROP CONSTRAINT "+pgtext.Ident(c.filled(w.come)))
		}
	}
	if len(require) > 0 {
		all = append(all, "-- The valid CHECK proves NOT NULL, without a scan here.\n"+sqltext.AlterTable(t.T.As, require))
	}
	for _, k := range t.Checks {
		drop = append(drop, "DROP CONSTRAINT "+pgtext.Ident(k.name))
	}
	for _, f := range b.along(t.T.OID) {
		drop = append(drop, "DROP CONSTRAINT "+pgtext.Ident(f.Name))
	}
	all = append(all, sqltext.AlterTable(t.T.As, drop))
	for _, x := range t.Indexes {
		all = append(all, x.trade(w)...)
	}
	for _, c := range t.Columns {
		all = append(all, c.numbers(w)...)
	}
	return append(all, b.renamed(t, w)...)
}

// keyed are the partitions with a primary key over the columns. From PostgreSQL 18 on that
// gives them a NOT NULL of their own, which does not go with the table's.
func (t *bigTable) keyed() (all []string) {
	for _, x := range t.Indexes {
		for _, one := range x.parts {
			if one.constraint == "PRIMARY KEY" {
				all = append(all, one.table)
			}
		}
	}
	return all
}

// renamed is the second half of a switch.
func (b *bigKey) renamed(t *bigTable, w turn) []string {
	var all, relax []string
	for _, c := range t.Columns {
		if c.NotNull {
			relax = append(relax, "ALTER COLUMN "+c.as("")+" DROP NOT NULL")
		}
	}
	if len(relax) > 0 {
		all = append(all, sqltext.AlterTable(t.T.As, relax))
		for _, part := range t.keyed() {
			all = append(all, sqltext.AlterTable(part, relax))
		}
	}
	for _, c := range t.Columns {
		rename := "ALTER TABLE " + t.T.As + "\n    RENAME COLUMN "
		all = append(all, rename+c.as("")+" TO "+c.as(w.leave), rename+c.as(w.come)+" TO "+c.as(""))
	}
	for _, k := range t.Checks {
		all = append(all, "ALTER TABLE "+t.T.As+"\n    RENAME CONSTRAINT "+pgtext.Ident(k.at(w.come))+" TO "+pgtext.Ident(k.name))
	}
	for _, f := range b.along(t.T.OID) {
		all = append(all, f.rename(sqltext.Name(f.Name, w.come), f.Name))
	}
	back := turnBack
	if w == turnBack {
		back = turnForth
	}
	all = append(all, t.follow(back)...)
	for _, p := range t.k.Pieces {
		all = append(all, p.Make...)
	}
	return all
}

// do is the switch in one transaction.
func (b *bigKey) do(t *bigTable, w turn) string {
	views, _ := dependents.ViewsFirst(t.k.Pieces)
	var tables []string
	for _, f := range b.along(t.T.OID) {
		if into := f.Into.As; !f.self() && !slices.Contains(tables, into) {
			tables = append(tables, into)
		}
	}
	text := dependents.Moment("ACCESS EXCLUSIVE", append(tables, t.T.As), views, b.switched(t, w)...)
	if slices.ContainsFunc(t.k.Pieces, func(p dependents.Piece) bool { return strings.HasPrefix(p.What, "statistics ") }) {
		text += "-- New statistics are empty.\nANALYZE " + t.T.As + ";\n"
	}
	return text
}

func (b *bigKey) switchUp(t *bigTable) string {
	return "-- Only an autovacuum can block the first lock. If another session blocks one of the\n" +
		"-- others for more than 200 ms, rung rolls back and retries all of this.\n" + b.do(t, turnForth)
}

// switchDown goes back to the old columns. Each foreign key to the table is moved to
// the old column before, and to the new one again after, so that one is there at any time.
func (b *bigKey) switchDown(t *bigTable) string {
	text := "-- rung:no-transaction\n" + t.T.SeesAll() + t.fits() + t.Prove(intSide) + t.Build(intSide, true)
	for _, f := range b.into(t.T.OID) {
		text += f.make(intSide, f.fresh(), intSide) + f.take(intSide)
	}
	for _, f := range b.along(t.T.OID) {
		from, into := f.old()
		text += f.make(intSide, from, into)
	}
	text += b.do(t, turnBack) + "-- As it was before the switch.\n" + t.Prove(bigSide) + t.Build(bigSide, true)
	for _, f := range b.into(t.T.OID) {
		text += f.make(bigSide, f.fresh(), bigSide) + f.take(bigSide)
	}
	for _, f := range b.along(t.T.OID) {
		text += f.make(bigSide, bigSide, bigSide)
	}
	return text
}

// fits stops the down migration at the first value that the old type cannot hold.
func (t *bigTable) fits() string {
	var text string
	for _, c := range t.Columns {
		least, most := limits(c.Type)
		name := c.as("")
		body := fmt.Sprintf(`
DECLARE
    many bigint;
    largest bigint;
BEGIN
    SELECT count(*), max(%[1]s)
      INTO many, largest
      FROM %[2]s
     WHERE %[1]s NOT BETWEEN %[3]d AND %[4]d;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || %[5]s || largest,
            HINT = 'The switch cannot be reverted any more: stay with bigint, or delete these rows.';
    END IF;
END
`, name, t.T.As, least, most, pgtext.Literal(" values of "+t.T.As+"."+name+" are beyond "+c.Type+", the largest "))
		tag := pgtext.DollarTag("check", body)
		text += "-- A value that the old type cannot hold stops this before anything has changed.\nDO " + tag + body + tag + ";\n\n"
	}
	return text
}

// batchOf bounds an update to a batch's rows, those that meet one of the conditions.
func batchOf(t *catalog.Table, any []string) string {
	if len(any) == 1 {
		return "\n WHERE " + t.InBatch("") + "\n   AND " + any[0]
	}
	return "\n WHERE " + t.InBatch("") + "\n   AND (" + strings.Join(any, "\n    OR ") + ")"
}
