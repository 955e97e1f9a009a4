package templates

import (
	"testing"
)

// Arrays and JSON arrays are lists too, and both ways take them apart and put them
// together again.
func TestListToTableOfEachKind(t *testing.T) {
	t.Parallel()
	for typ, value := range map[string]string{"text[]": `'{red," Green ",red,NULL}'`, "jsonb": `'["red", " Green ", "red", null]'`, "varchar(40)": "E'red, Green\u00A0,\u200Bred,'"} {
		for _, way := range []string{"online", "direct"} {
			r := newRig(t, "CREATE TABLE posts (id int PRIMARY KEY, tags "+typ+"); INSERT INTO posts VALUES (1, "+value+"), (2, NULL), (3, "+
				map[string]string{"text[]": "'{}'", "jsonb": "'{\"a\": 1}'", "varchar(40)": "''"}[typ]+")")
			r.add("list-to-table", params("table=posts", "column=tags", "to=tags", "way="+way))
			r.roundTrips()
			r.rows(tagsOf, "1|red|Green", "2|", "3|")
			r.exec("INSERT INTO post_tags SELECT 2, id, 1 FROM tags WHERE name = 'Green'")
			r.down(r.next)
			want := map[string]string{"text[]": "{Green}", "jsonb": `["Green"]`, "varchar(40)": "Green"}[typ]
			r.rows("SELECT tags::text FROM posts WHERE id = 2", want)
		}
	}
}

// fold=lower makes one value of those that differ by case alone; a list that says the
// same stays as it is.
func TestListToTableFolds(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"online", "direct"} {
		r := newRig(t, posts)
		r.add("list-to-table", params("table=posts", "column=tags", "to=tags", "fold=lower", "way="+way))
		r.roundTrips()
		r.rows(tagsOf, "1|red|green|blue", "2|red", "3|", "4|", "5|", "6|b|a|c")
	}
	r := newRig(t, posts+"CREATE TABLE n (id int PRIMARY KEY, tags int[])")
	r.refused("list-to-table", params("table=posts", "column=tags", "to=tags", "fold=upper"), `there is no value of fold "upper"`)
	r.refused("list-to-table", params("table=n", "column=tags", "to=tags"), "n.tags is integer[], and neither text nor text[] nor jsonb")
}
