package jsondoc

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
)

// renamed is what sql/json-rename-key.sql sees.
type renamed struct {
	T                             *catalog.Table
	Key, Side, Noted, Both, IfNot string
	Direct                        bool
	Small                         way.SmallTable
	// Forth and Back are a renaming each, and Again is all of it for what may be
	// there already.
	Forth, Back, Again map[string]any
}

// renaming is what the body sees of one way.
type renaming struct {
	Doc, Old, New            string
	Array                    bool
	Parent, OldPath, NewPath string
	// Has is true for documents with the old key, Alone for those without the new one.
	Has, Alone string
}

// RenameKey gives a key of JSON documents another name.
func RenameKey(ctx context.Context, in *task.Input) (any, error) {
	t, err := jsonTable(ctx, in)
	if err != nil {
		return nil, err
	}
	parent, old, array, err := jsonPath(in.Params["path"])
	if err != nil {
		return nil, err
	}
	to := in.Params["to"]
	if to == old || to == "" {
		return nil, mistake.Refusef("to=%s: the new name is empty or the same", to)
	}
	direct, err := way.Choose(ctx, in, t, way.Updates)
	if err != nil {
		return nil, err
	}
	key, err := ensure.BatchKey(ctx, in, t)
	if err != nil {
		return nil, err
	}
	in.NotLookedAt("whether %s is the primary key of %s, and %s is jsonb", t.KeyList(), t.As, pgtext.Ident(in.Params["column"]))
	side, err := sideOfRename(ctx, in, t, append(slices.Clone(parent), old))
	if err != nil {
		return nil, err
	}
	at := objects{pgtext.Ident(in.Params["column"]), parent, array}
	if !direct {
		in.Sayf("%s: %s; in batches over %s", t.As, in.About(t.Rows), key)
	}
	in.Sayf("%[2]s keeps which documents had %[1]s before, for the down migration", to, t.Beside(side))
	if !direct {
		in.Sayf("locks: the rows of one batch at a time")
	}
	data := renamed{
		T: t, Key: key, Side: t.Beside(side), Noted: sqltext.Unlike("b", t.Name), Both: at.where(at.has(old), at.has(to)),
		Forth: at.renaming(old, to), Back: at.renaming(to, old),
	}
	again := data
	again.IfNot = "IF NOT EXISTS "
	data.Again = task.Fields(again)
	if data.Direct = direct; direct {
		data.Small = way.Small(in, t, way.Updates, "SHARE ROW EXCLUSIVE", "")
		return data, way.SayDirect(ctx, in, data.Small, in.Params["column"], "")
	}
	return data, notice.Fired(ctx, in, t, in.Params["column"])
}

// sideOfRename is the table that notes what had the new key before. It is named
// after the path: that of another rename in the column stays as long as its down
// migration.
func sideOfRename(ctx context.Context, in *task.Input, t *catalog.Table, path []string) (string, error) {
	parts := append([]string{t.Name, in.Params["column"]}, path...)
	return ensure.FirstFree(ctx, in, t.Schema, nil, func(n int) string {
		return sqltext.Name(append(parts, sqltext.Numbered("renamed_before", n))...)
	})
}

// objects is where in a document the key stands: in the object below the
// parent keys, or in those of the array there.
type objects struct {
	doc    string
	parent []string
	array  bool
}

// renaming is what the statements of one direction need.
func (o objects) renaming(old, to string) map[string]any {
	return task.Fields(renaming{
		Doc: o.doc, Array: o.array, Old: old, New: to, Parent: sqltext.TextArray(o.parent),
		OldPath: sqltext.TextArray(append(slices.Clone(o.parent), old)), NewPath: sqltext.TextArray(append(slices.Clone(o.parent), to)),
		Has: o.where(o.has(old)), Alone: o.where(o.has(old), "NOT "+o.has(to)),
	})
}

// has reports whether the key is there, in what where has made sure of.
func (o objects) has(key string) string {
	if !o.array {
		return o.at() + " ? " + pgtext.Literal(key)
	}
	steps := "$"
	for _, p := range o.parent {
		steps += "." + quoteJSON(p)
	}
	path := "strict " + steps + `[*] ? (@.type() == "object" && exists (@.` + quoteJSON(key) + "))"
	return "jsonb_path_exists(" + o.doc + ", " + pgtext.Literal(path) + ", silent => true)"
}

// where joins conditions, one a line. For a string, too, ? tells of a key.
func (o objects) where(conditions ...string) string {
	if !o.array {
		conditions = append([]string{"jsonb_typeof(" + o.at() + ") = 'object'"}, conditions...)
	}
	return strings.Join(conditions, "\nAND ")
}

func (o objects) at() string {
	if len(o.parent) == 0 {
		return o.doc
	}
	return o.doc + " #> " + sqltext.TextArray(o.parent)
}

func quoteJSON(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(text)
}

// jsonPath reads a.b.c, or a.b[].c for the objects of an array.
func jsonPath(path string) (parent []string, key string, array bool, err error) {
	bad := mistake.New(fmt.Sprintf("path=%s is no path to a key", path), "write it like notifications.mail or items[].colour")
	parts := pgtext.SplitOutsideQuotes(path, ".")
	for i, part := range parts {
		name, isArray := strings.CutSuffix(part, "[]")
		if isArray && array {
			return nil, "", false, mistake.Refusef("path=%s: one [] only", path)
		}
		if name = unquote(name); name == "" || isArray && i == len(parts)-1 {
			return nil, "", false, bad
		}
		if isArray && i != len(parts)-2 {
			return nil, "", false, mistake.Refusef("path=%s: one [] only, right before the key", path)
		}
		array = array || isArray
		parent = append(parent, name)
	}
	return parent[:len(parent)-1], parent[len(parent)-1], array, nil
}
