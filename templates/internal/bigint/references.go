package bigint

import (
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/dependents"
	"rung/templates/internal/sqltext"
)

// The foreign keys. While a trigger copies a column, a referential action that
// writes the copy is undone by it: ON DELETE SET NULL on the copy alone would leave a
// reference to nothing, and the constraint would count as valid. So the old foreign
// key stays until its table has been switched, and there are two at that time. Where
// both are there the older one acts first. If it is of the copies, its action is
// undone, but not for a column that both have, by which the other one finds its rows
// no more; and SET DEFAULT looks whether it was, and fails. So one that writes is
// replaced when its table is switched, under both locks, and any other one later, or, in
// a circle of tables, earlier: its actions write no copy.

// writes reports whether an action of the foreign key changes the rows that refer.
func (f *bigReference) writes() bool {
	return strings.Contains(f.onUpdate+f.onDelete, "SET ") || strings.Contains(f.onUpdate, "CASCADE")
}

// along reports whether it is replaced when the table that refers is switched.
func (f *bigReference) along() bool { return f.self() || f.writes() && f.From.changes() }

// old are the words behind the names of the columns that a foreign key of the old
// columns has, while its table is switched back.
func (f *bigReference) old() (from, into string) {
	if f.self() {
		return intSide, intSide
	}
	return intSide, ""
}

// former and fresh are the words behind the names of the columns that refer, of the old and
// the new ones, while the table that they refer to is switched back or is about to be.
func (f *bigReference) former() string {
	if f.early {
		return ""
	}
	return intSide
}

func (f *bigReference) fresh() string {
	if f.early {
		return bigSide
	}
	return ""
}

// add is a foreign key under another name, over the columns that have these words
// behind their names, "" for those that count.
func (f *bigReference) add(name, from, into string) string {
	at := func(e *bigEnd, side string) func(string) string {
		return func(c string) string {
			if e.become[c] && side != "" {
				c = sqltext.Name(c, side)
			}
			return pgtext.Ident(c)
		}
	}
	text := "ALTER TABLE " + f.From.As + "\n    ADD CONSTRAINT " + pgtext.Ident(name) + "\n    FOREIGN KEY (" + sqltext.Join(f.From.columns, at(&f.From, from)) + ")" +
		"\n    REFERENCES " + f.Into.As + " (" + sqltext.Join(f.Into.columns, at(&f.Into, into)) + ")" + f.onUpdate + f.onDelete
	if len(f.some) > 0 {
		text += " (" + sqltext.Join(f.some, at(&f.From, from)) + ")"
	}
	return text + "\n    NOT VALID"
}

func (f *bigReference) comment(name string) []string {
	if f.said == "" {
		return nil
	}
	return []string{sqltext.Comment("CONSTRAINT "+pgtext.Ident(name)+" ON "+f.From.As, f.said)}
}

// both are the tables to lock: the one that is referred to first, as programs write
// a row before those that refer to it.
func (f *bigReference) both() []string {
	if f.self() {
		return []string{f.Into.As}
	}
	return []string{f.Into.As, f.From.As}
}

func (f *bigReference) drop(name string) string {
	return "ALTER TABLE " + f.From.As + "\n    DROP CONSTRAINT " + pgtext.Ident(name)
}

func (f *bigReference) rename(from, to string) string {
	return "ALTER TABLE " + f.From.As + "\n    RENAME CONSTRAINT " + pgtext.Ident(from) + " TO " + pgtext.Ident(to)
}

// prove is the scan, which lets reads and writes through.
func (f *bigReference) prove(name string) string {
	if !f.valid {
		return ""
	}
	return "ALTER TABLE " + f.From.As + "\n    VALIDATE CONSTRAINT " + pgtext.Ident(name) + ";\n\n"
}

// make adds a foreign key and proves it.
func (f *bigReference) make(side, from, into string) string {
	name := sqltext.Name(f.Name, side)
	return dependents.Moment("SHARE ROW EXCLUSIVE", f.both(), nil, append([]string{f.add(name, from, into)}, f.comment(name)...)...) + f.prove(name)
}

// take gives the one of a name with a word behind it that name.
func (f *bigReference) take(side string) string {
	return dependents.Moment("ACCESS EXCLUSIVE", f.both(), nil, f.drop(f.Name), f.rename(sqltext.Name(f.Name, side), f.Name))
}

// References makes the new foreign keys beside the old ones.
func (b *bigKey) References() string {
	var all string
	for _, f := range b.Keys {
		all += f.make(bigSide, bigSide, bigSide)
	}
	return all
}

// Unreference drops them, as far as they are there.
func (b *bigKey) Unreference() string {
	var all string
	for _, f := range b.Keys {
		all += dependents.Moment("ACCESS EXCLUSIVE", f.both(), nil, "ALTER TABLE "+f.From.As+"\n    DROP CONSTRAINT IF EXISTS "+pgtext.Ident(sqltext.Name(f.Name, bigSide)))
	}
	return all
}

// release has the new foreign keys to a table take the place of the old ones.
func (b *bigKey) release(keys []*bigReference) string {
	all := "-- The tables that refer have been switched: the old foreign keys can go, one at a time.\n"
	if slices.ContainsFunc(keys, func(f *bigReference) bool { return f.early }) {
		all = "-- The old foreign keys can go, one at a time: the tables that refer have been switched, or\n-- in a circle of tables will be, and what the foreign key does writes nothing that refers.\n"
	}
	for _, f := range keys {
		all += f.take(bigSide)
	}
	return all
}

// unrelease makes the old ones again, also where only some have gone.
func (b *bigKey) unrelease(keys []*bigReference) string {
	all := "-- rung:no-transaction\n"
	for _, f := range keys {
		fresh := sqltext.Name(f.Name, bigSide)
		body := "    IF NOT EXISTS (SELECT\n                     FROM pg_catalog.pg_constraint\n                    WHERE conrelid = " + pgtext.Literal(f.From.full) + "::regclass\n                      AND conname = " + pgtext.Literal(fresh) + ") THEN\n" +
			"        " + sqltext.IndentBy(8, sqltext.Statements(append([]string{f.rename(f.Name, fresh), f.add(f.Name, f.former(), "")}, f.comment(f.Name)...))) + "    END IF;\n"
		tag := pgtext.DollarTag("again", body)
		all += dependents.Moment("ACCESS EXCLUSIVE", f.both(), nil, "DO "+tag+"\nBEGIN\n"+body+"END\n"+tag) + f.prove(f.Name)
	}
	return all
}
