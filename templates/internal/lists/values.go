package lists

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// Values is the table of the values: a new one, or one that is there already.
type Values struct {
	As, Full string
	// ID and Name are its key and the text of a value, as SQL; Type is the key's.
	ID, Name, Type string
	Given          bool
}

// Word is the text of the value w.
func (v Values) Word() string {
	if v.Given {
		return "w." + v.Name + "::text"
	}
	return "w." + v.Name
}

// Meets is the target of ON CONFLICT: of a table with unique indexes of its own, only the
// one over the values may be met.
func (v Values) Meets() string {
	if v.Given {
		return " (" + v.Name + ")"
	}
	return ""
}

// values reads to and tags.
func (l *Taken) values(ctx context.Context, in *task.Input) (err error) {
	to, tags := in.Params["to"], in.Params["tags"]
	switch {
	case to == "" && tags == "":
		return mistake.New("template list-to-table needs to or tags", "--set to=NAME makes a new table of the values, --set tags=NAME takes one that is there")
	case to != "" && tags != "":
		return mistake.New("to names a new table of the values, and tags one that is there", "leave one of them out")
	case tags == "":
		if l.To, err = bareName("to", to); err != nil {
			return err
		}
		l.Values = Values{As: l.t.Beside(l.To), Full: pgtext.Ident(l.t.Schema) + "." + pgtext.Ident(l.To), ID: "id", Name: "name", Type: "bigint"}
		return nil
	}
	v, err := in.DB.Table(ctx, tags)
	if err != nil {
		return err
	}
	l.To = v.Name
	l.Values = Values{As: v.As, Full: v.Full(), Given: true}
	return l.takes(ctx, in, v)
}

// takes finds out how a table that is there takes values, and refuses one that does not.
func (l *Taken) takes(ctx context.Context, in *task.Input, v *catalog.Table) error {
	if v.OID == l.t.OID {
		return mistake.Refusef("tags=%s is the table with the lists", in.Params["tags"])
	}
	if err := v.MayAlter(); err != nil {
		return err
	}
	if v.Secured {
		return mistake.Refusef("row security of %s could hide values", v.As)
	}
	key := ensure.PrimaryKey(ctx, v, in)
	texts, err := in.DB.Strings(ctx, catalog.SQL("unique_texts"), v.OID)
	if err != nil {
		return err
	}
	if len(key) != 1 {
		return mistake.New(fmt.Sprintf("%s has no primary key of one column, by which a row could refer to a value", v.As), "give it one first")
	}
	if len(texts) > 1 && texts[0] == key[0] {
		texts = texts[1:]
	}
	if len(texts) != 1 {
		return mistake.New(fmt.Sprintf("%s has %d columns that are text, NOT NULL and unique, and a value needs one", v.As, len(texts)), "give the column of the values a UNIQUE constraint and NOT NULL first")
	}
	id, err := v.Column(key[0])
	if err != nil {
		return err
	}
	var must []string
	for _, c := range v.Columns {
		if c.NotNull && c.Default == "" && !c.Identity && !c.Generated && c.Name != texts[0] {
			must = append(must, pgtext.Ident(c.Name))
		}
	}
	if len(must) > 0 {
		return mistake.New(fmt.Sprintf("a new value of %s would need %s, which a list does not tell", v.As, strings.Join(must, ", ")), "give these a default first")
	}
	l.Values.ID, l.Values.Name, l.Values.Type = pgtext.Ident(id.Name), pgtext.Ident(texts[0]), id.Type
	return nil
}

// asMade refuses a table with values that no list would give: the same one would come
// to stand beside it.
func (l *Taken) asMade(ctx context.Context, in *task.Input) error {
	if !l.Values.Given {
		return nil
	}
	found, err := in.DB.Strings(ctx, "SELECT left("+l.Values.Word()+", 60) FROM "+l.Values.Full+" AS w WHERE "+l.Values.Word()+" <> "+l.Value(l.Values.Word())+" ORDER BY 1 LIMIT 3")
	if err != nil || len(found) == 0 {
		return err
	}
	return mistake.New(fmt.Sprintf("%s has values that are not as a list would give them: %s", l.Values.As, sqltext.Join(found, pgtext.Literal)),
		"take the blanks and upper case letters off them first, or leave fold out")
}
