package catalog

import (
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/words"
)

// BatchKey is the key= of a `-- rung:batch` over the table; an error where it
// has no key of one or two columns.
func (t *Table) BatchKey() (string, error) {
	if sqltext.Control.MatchString(t.As + t.KeyList()) {
		return "", mistake.Refusef("%q or its key has a control character in its name, and so cannot be named in the line above a batch", t.As)
	}
	switch len(t.Key) {
	case 1:
		return t.As + "." + pgtext.Ident(t.Key[0]), nil
	case 2:
		return t.As + "(" + sqltext.Join(t.Key, pgtext.Ident) + ")", nil
	case 0:
		if t.Offline {
			return "", mistake.New("offline the key of "+t.As+" is not known", "leave --offline out, or give it by --set key=… where the template takes that")
		}
		return "", mistake.New("table "+t.As+" has no primary key, and no unique index over one or two NOT NULL columns, so batches have nothing to go along", "give it one first")
	}
	return "", mistake.New(fmt.Sprintf("the primary key of %s has %d columns, and a batch goes along one or two", t.As, len(t.Key)), "add a unique index over one or two NOT NULL columns")
}

// MayAlter refuses a table that the role may not alter.
func (t *Table) MayAlter() error {
	if t.Owned {
		return nil
	}
	return mistake.New(fmt.Sprintf("this role does not own %s; its owner is %s", t.As, t.Owner), "connect as its owner, or use --role")
}

// MayFollow refuses a table where a trigger for each row would not see all
// writes, or that cannot have a column of its own.
func (t *Table) MayFollow() error {
	switch {
	case t.Partition:
		return mistake.New(t.As+" is a partition", "name the table that it is a partition of")
	case t.HasChildren:
		return mistake.Refusef("other tables inherit from %s: the triggers that keep new and changed rows right would not fire for theirs", t.As)
	}
	return t.MayAlter()
}

// ColumnList reads a parameter that names columns of the table.
func (t *Table) ColumnList(list string) ([]string, error) {
	var all []string
	for _, part := range pgtext.SplitOutsideQuotes(list, ",") {
		names, ok := words.SplitName(part)
		if !ok || len(names) != 1 {
			return nil, mistake.New(fmt.Sprintf("%q is not a list of columns", list), "write them like a, b")
		}
		if _, err := t.Column(names[0]); err != nil {
			return nil, err
		}
		all = append(all, names[0])
	}
	return all, nil
}

// FreeColumn refuses the name of a column that is there.
func (t *Table) FreeColumn(name string) error {
	if slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name }) {
		return mistake.Refusef("%s has a column %s already", t.As, pgtext.Ident(name))
	}
	if len(name) > 2 && strings.HasPrefix(name, `"`) && strings.HasSuffix(name, `"`) {
		return mistake.New(fmt.Sprintf("the column %s would have the quotes in its name", name), "leave them out: this name is taken as it is")
	}
	if len(name) > 63 || name == "" {
		return mistake.Refusef("%q is no name of a column: it has 1 to 63 bytes", name)
	}
	return nil
}

// KeyFrom takes over the columns that a person gave as the key.
func (t *Table) KeyFrom(list string) error {
	if list == "" {
		return nil
	}
	t.Key = nil
	for _, part := range pgtext.SplitOutsideQuotes(list, ",") {
		names, ok := words.SplitName(part)
		if !ok || len(names) != 1 {
			return mistake.New(fmt.Sprintf("key=%s is not one or two columns", list), "write --set key=id")
		}
		c, err := t.Column(names[0])
		if err != nil {
			return err
		}
		if !c.NotNull && !t.Offline {
			return mistake.New(fmt.Sprintf("key=%s: %s may be NULL, and batches would not reach such rows", list, pgtext.Ident(c.Name)), "name columns that are NOT NULL, best the primary key")
		}
		t.Key = append(t.Key, names[0])
	}
	return nil
}
