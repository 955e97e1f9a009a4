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

// A value in double quotes may have the separator in it, and quotes, and comes back so.
func TestListToTableWithQuotes(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"online", "direct"} {
		r := newRig(t, `CREATE TABLE posts (id int PRIMARY KEY, tags text);
INSERT INTO posts VALUES (1, 'a, "b, c", d'), (2, '"say ""hi""" , a'), (3, ',"", "open, x, 5"" pipe, a"b"'), (4, '"all"'), (5, '"x" y, "z'), (6, E'\u00A0"q,r"\u00A0,'), (7, NULL), (8, '" b, c "')`)
		r.refused("list-to-table", params("table=posts", "column=tags", "to=tags"), `posts.tags has a value in double quotes with the separator in it: a, "b, c", d`, "--set quotes=true")
		r.add("list-to-table", params("table=posts", "column=tags", "to=tags", "quotes=true", "way="+way))
		r.roundTrips()
		r.rows(tagsOf, "1|a|b, c|d", `2|say "hi"|a`, `3|"open|x|5"" pipe|a"b"`, "4|all", `5|"x" y|"z`, "6|q,r", "7|", "8|b, c")
		r.exec(`UPDATE tags SET name = 'd, "e"' WHERE name = 'd'; INSERT INTO post_tags SELECT 7, id, 1 FROM tags WHERE name = 'b, c'`)
		r.down(r.next)
		r.rows("SELECT tags FROM posts WHERE id IN (1, 4, 7) ORDER BY id", `a,"b, c","d, ""e"""`, `"all"`, `"b, c"`)
		r.up(0)
		r.rows("SELECT string_agg(name, '|' ORDER BY position) FROM post_tags JOIN tags ON id = tag_id WHERE post_id = 1", `a|b, c|d, "e"`)
	}
	r := newRig(t, `CREATE TABLE posts (id int PRIMARY KEY, tags text, list text[]); INSERT INTO posts VALUES (1, 'a|"b.|c"|d')`)
	r.refused("list-to-table", params("table=posts", "column=list", "to=tags", "quotes=true"), "quotes are for a list in a text, and posts.list is text[]")
	r.refused("list-to-table", params("table=posts", "column=tags", "to=tags", "quotes=true", `separator="`), "a value cannot be in double quotes where the separator")
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags", "quotes=true", "separator=|"))
	r.up(0)
	r.rows(`SELECT name FROM tags ORDER BY 1`, "a", "b.|c", "d")
}

// A table of values that is there takes them, keeps what it has, and stays.
func TestListToTableIntoATableOfValues(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"online", "direct"} {
		r := newRig(t, posts+`CREATE SCHEMA app; CREATE TABLE app."Labels" ("Key" smallserial PRIMARY KEY, "The Word" varchar(20) NOT NULL UNIQUE, slug text UNIQUE, made date DEFAULT '2026-01-01');
INSERT INTO app."Labels" ("The Word") SELECT unnest('{red,green,blue,b,a,c,other,Red}'::text[])`)
		r.add("list-to-table", params("table=posts", "column=tags", `tags=app."Labels"`, "way="+way))
		r.roundTrips()
		const of = `SELECT p.id, string_agg(w."The Word", '|' ORDER BY position) FROM posts AS p LEFT JOIN "post_Labels" AS k ON post_id = p.id LEFT JOIN app."Labels" AS w ON "Key" = "Label_id" GROUP BY p.id ORDER BY p.id`
		r.rows(of, "1|red|green|blue", "2|red|Red", "3|", "4|", "5|", "6|b|a|c")
		r.exec(`UPDATE app."Labels" SET "The Word" = 'crimson' WHERE "The Word" = 'red'`)
		r.down(r.next)
		r.rows(`SELECT tags FROM posts WHERE id < 3 ORDER BY id`, "crimson,green,blue", "crimson,Red")
		r.exec(`UPDATE posts SET tags = 'new, red' WHERE id = 3`)
		r.up(0)
		r.rows(of, "1|crimson|green|blue", "2|crimson|Red", "3|new|red", "4|", "5|", "6|b|a|c")
		r.down(r.next)
		r.rows(`SELECT count(*) FROM app."Labels" WHERE "The Word" IN ('new', 'red', 'other')`, "3")
	}
}

func TestListToTableRefusesATableThatTakesNoValues(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts+`CREATE TABLE nokey (name text NOT NULL UNIQUE); CREATE TABLE pair (a int, b int, name text NOT NULL UNIQUE, PRIMARY KEY (a, b)); CREATE TABLE plain (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE nullable (id serial PRIMARY KEY, name text UNIQUE); CREATE TABLE later (id serial PRIMARY KEY, name text NOT NULL UNIQUE DEFERRABLE); CREATE TABLE two (id serial PRIMARY KEY, name text NOT NULL UNIQUE, code text NOT NULL UNIQUE);
CREATE TABLE must (id int PRIMARY KEY, name text NOT NULL UNIQUE, slug text NOT NULL); CREATE TABLE hidden (id serial PRIMARY KEY, name text NOT NULL UNIQUE); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
CREATE TABLE odd (id serial PRIMARY KEY, name text NOT NULL UNIQUE); INSERT INTO odd (name) VALUES ('Red'), (' b '), ('a')`)
	for tags, says := range map[string]string{
		"nokey": "nokey has no primary key of one column", "pair": "pair has no primary key of one column", "plain": "plain has 0 columns that are text, NOT NULL and unique", "nullable": "nullable has 0 columns",
		"later": "later has 0 columns", "two": "two has 2 columns", "must": "a new value of must would need id, slug", "hidden": "row security of hidden could hide values",
		"odd": "odd has values that are not as a list would give them: ' b '", "posts": "is the table with the lists", "tagz": "tagz",
	} {
		r.refused("list-to-table", params("table=posts", "column=tags", "tags="+tags), says)
	}
	r.refused("list-to-table", params("table=posts", "column=tags", "tags=odd", "fold=lower"), "' b ', 'Red'")
	r.refused("list-to-table", params("table=posts", "column=tags", "tags=odd", "to=x"), "leave one of them out")
	r.refused("list-to-table", params("table=posts", "column=tags"), "needs to or tags")
}
