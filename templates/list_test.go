package templates

import "testing"

const posts = `CREATE TABLE posts (id int PRIMARY KEY, tags text);
INSERT INTO posts VALUES (1, 'red, green,blue'), (2, E'\tred\t,, red ,  Red'), (3, ''), (4, NULL), (5, ' , '), (6, 'b,a,b,c,a');`

const tagsOf = `SELECT p.id, string_agg(t.name, '|' ORDER BY k.position) FROM posts p
  LEFT JOIN post_tags k ON k.post_id = p.id LEFT JOIN tags t ON t.id = k.tag_id GROUP BY p.id ORDER BY p.id`

func TestListToTable(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts)
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(2)
	want := []string{"1|red|green|blue", "2|red|Red", "3|", "4|", "5|", "6|b|a|c"}
	r.rows(tagsOf, want...)
	r.exec("INSERT INTO posts VALUES (7, 'x, red'); UPDATE posts SET tags = 'y,x' WHERE id = 1; DELETE FROM posts WHERE id = 6")
	r.rows(tagsOf, "1|y|x", "2|red|Red", "3|", "4|", "5|", "7|x|red")
	r.rows("SELECT name FROM tags WHERE id = 9", "y") // no number was used up for those that were there
	r.up(1)
	r.exec("DELETE FROM post_tags WHERE post_id = 7 AND position = 1; INSERT INTO post_tags SELECT 4, id, 1 FROM tags WHERE name = 'y'")
	r.down(1)
	r.rows("SELECT id, tags FROM posts ORDER BY id", "1|y,x", "2|\tred\t,, red ,  Red", "3|", "4|y", "5| , ", "7|red")
}

func TestListToTableRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts)
	r.add("list-to-table", params("table=posts", "column=tags", "to=labels", "link=labelled", "separator=,"))
	r.roundTrips()
}

func TestListToTableEmptiesWhatMayNotBeNull(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE posts (id int PRIMARY KEY, tags text NOT NULL); INSERT INTO posts VALUES (1, 'red')")
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags"))
	r.up(0)
	r.exec("DELETE FROM post_tags")
	r.down(1)
	r.rows("SELECT id, tags FROM posts", "1|")
}

func TestListToTableRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, posts+"CREATE TABLE taken ()")
	for name, c := range map[string]struct{ params, says []string }{
		"type":   {[]string{"column=id", "to=tags"}, []string{"id is integer"}},
		"column": {[]string{"column=tag", "to=tags"}, []string{"did you mean tags?"}},
		"taken":  {[]string{"column=tags", "to=taken"}, []string{"taken is taken"}},
		"schema": {[]string{"column=tags", "to=app.tags"}, []string{"without a schema"}},
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("list-to-table", params(append(c.params, "table=posts")...), c.says...)
		})
	}
}
