package templates

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"rung/templates/internal/sqltext"
)

func TestNames(t *testing.T) {
	t.Parallel()
	x, umlauts := strings.Repeat("x", 63), strings.Repeat("ü", 31)
	was := map[string][]string{}
	for _, parts := range [][]string{
		{"users", "email", "fill"},
		{x, "a", "fill"},
		{x, "b", "fill"},
		{x[:62] + "y", "a", "fill"},
		{"t", x, "fill"},
		{"t", x, "after_truncate"},
		{"post", x},
		{"post", x[:62] + "y"},
		{"x" + umlauts, "a", "fill"},
		{umlauts, umlauts, umlauts},
		{umlauts, umlauts, umlauts[:60] + "ä"},
	} {
		name := sqltext.Name(parts...)
		if len(name) > 63 || !utf8.ValidString(name) || was[name] != nil {
			t.Errorf("%q: %q, %d bytes, as of %q", parts, name, len(name), was[name])
		}
		if last := parts[len(parts)-1]; len(last) < 32 && !strings.HasSuffix(name, "_"+last) {
			t.Errorf("%q: %q", parts, name)
		}
		was[name] = parts
	}
	if name := sqltext.Name("users", "email", "fill"); name != "users_email_fill" {
		t.Error(name)
	}
}

// What tells two names apart may be behind what is cut off.
func TestLongNamesDoNotMeet(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 61)
	r := newRig(t, `CREATE TABLE customer_subscription_accounts (id bigint PRIMARY KEY, tags text);
CREATE TABLE orders (id bigint PRIMARY KEY, account bigint REFERENCES customer_subscription_accounts); CREATE INDEX ON orders (account);
INSERT INTO customer_subscription_accounts VALUES (1, 'a'), (2, 'b'); INSERT INTO orders VALUES (1, 1)`)
	for _, column := range []string{"number_of_orders_that_are_open", "number_of_orders_that_are_paid", long + "ü", long + "ä"} {
		r.add("derived-column", params("table=customer_subscription_accounts", "column="+column, "source=orders", "value=count(*)", "keep=true"))
		r.up(0)
	}
	r.add("list-to-table", params("table=customer_subscription_accounts", "column=tags", "to="+long))
	r.up(0)
	r.down(3)
}

func TestEnumOnlineOfIndexesWithLongNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("i", 62)
	r := newRig(t, "CREATE TYPE twins AS ENUM ('a', 'b'); CREATE TABLE has_twins (id int PRIMARY KEY, l twins); INSERT INTO has_twins VALUES (1, 'a');"+
		"CREATE INDEX "+long+"a ON has_twins (l); CREATE INDEX "+long+"b ON has_twins (l, id)")
	r.add("enum-online", params("type=twins", "values=b,a"))
	r.goesAndReturns()
}

// A name is the same with the quotes that SQL wants for it and without.
func TestNamesAreFoundWithoutQuotes(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE SCHEMA "user"; CREATE TABLE "user"."order" (id int PRIMARY KEY, email text); CREATE TABLE "Ünit" (id int PRIMARY KEY);
CREATE TABLE "order" (id bigint PRIMARY KEY, email text, tags text, doc jsonb, deleted_at timestamptz);
CREATE TABLE "select" (id bigint PRIMARY KEY, order_id bigint REFERENCES "order"); CREATE INDEX ON "select" (order_id);
INSERT INTO "order" VALUES (1, 'A', 'a,b', '{"n": 1}'); INSERT INTO "select" VALUES (1, 1)`)
	for _, c := range [][]string{
		{"add-column", "column=low", "type=text", "value=lower(email)"},
		{"backfill", "column=email", "value='x'", "where=true", "keep=true"},
		{"derived-column", "column=n", "source=select", "value=count(*)"},
		{"json-rename-key", "column=doc", "path=n", "to=m"},
		{"json-split", "column=doc", "keys=n int"},
		{"list-to-table", "column=tags", "to=user"},
		{"set-not-null", "column=email"},
		{"soft-delete"},
	} {
		r.add(c[0], params(append(c[1:], "table=order")...))
		r.up(0)
		r.down(r.next)
		r.only(0)
	}
	r.add("set-not-null", params("table=USER.Order", "column=email"))
	r.add("add-column", params("table=Ünit", "column=n", "type=int", "value=1"))
	r.goesAndReturns()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Expand(t.Context(), "set-not-null", &Input{Params: params("table=order", "column=email")})
	if err != nil || !strings.Contains(files[0].Up, `ALTER TABLE "order"`) {
		t.Errorf("%v: %v", err, files)
	}
}

// A key that a person gives must reach each row, and alone.
func TestKeysThatDoNotTellRowsApart(t *testing.T) {
	t.Parallel()
	r := newRig(t, users+`ALTER TABLE users ADD doc jsonb, ADD part int NOT NULL DEFAULT 1, ADD code int UNIQUE;
CREATE UNIQUE INDEX ON users (part, id); CREATE INDEX ON users (part)`)
	for template, p := range map[string][]string{
		"add-column":      {"column=c", "type=text", "value=lower(email)"},
		"backfill":        {"column=email", "value='x'", "where=true", "keep=true"},
		"json-rename-key": {"column=doc", "path=a", "to=b"},
		"json-split":      {"column=doc", "keys=a int"},
	} {
		p = append(p, "table=users")
		r.refused(template, params(append(p, "key=code")...), "key=code: code may be NULL")
		r.refused(template, params(append(p, "key=part")...), "key=part: users has no unique index over part")
		r.add(template, params(append(p, "key=part, id")...))
		r.goesAndReturns()
		r.down(r.next)
		r.only(0)
	}
}

// What cannot be written where the files need it is refused.
func TestNamesThatNoFileCanHold(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE "a$check$b" (id int PRIMARY KEY, email text); CREATE TABLE "a
b" (id int PRIMARY KEY, email text);`)
	for name, says := range map[string]string{`"a$check$b"`: "$check$", "\"a\nb\"": "control character"} {
		r.refused("add-column", params("table="+name, "column=n", "type=text", "value=lower(email)"), says)
	}
	r.refused("add-column", params(`table="a$check$b"`, "column=n", "type=text", "value=$function$x$function$ || email"), "$")
}

// A name that needs double quotes is asked for with them.
func TestNamesWithoutTheirQuotes(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE "Order State" AS ENUM ('new', 'paid'); CREATE TABLE "Order Line" (id int PRIMARY KEY, "State" text); CREATE TABLE "Users" (id int PRIMARY KEY)`)
	for name, meant := range map[string]string{"Order Line": `"Order Line"`, "Order Lin": `"Order Line"`, "Users": `"Users"`} {
		r.refused("backfill", params("table="+name, "column=id", "value=1"), "there is no table "+strconv.Quote(name), "did you mean "+meant+", in double quotes?")
	}
	r.refused("enum", params("type=Order State", "map=new=open"), `there is no enum type "Order State"`, `did you mean "Order State", in double quotes?`)
	r.add("enum", params(`type="Order State"`, "map=new=open"))
	r.roundTrips()
}
