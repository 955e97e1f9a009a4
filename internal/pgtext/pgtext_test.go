package pgtext

import (
	"slices"
	"strings"
	"testing"
)

func TestIdent(t *testing.T) {
	for name, want := range map[string]string{
		"users": "users", "_a1$": "_a1$", "Users": `"Users"`, "select": `"select"`, "public": "public",
		`Weird "Name`: `"Weird ""Name"`, "größe": `"größe"`, "1a": `"1a"`, "": `""`,
	} {
		if got := Ident(name); got != want {
			t.Errorf("Ident(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestRole(t *testing.T) {
	for name, want := range map[string]string{"app": "app", "public": `"public"`, "none": `"none"`, "current_user": `"current_user"`} {
		if got := Role(name); got != want {
			t.Errorf("Role(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	long := strings.Repeat("a", 62) + "üx"
	for _, c := range []struct {
		text, separator string
		want            []string
	}{
		{"Public.Users", ".", []string{"public", "users"}},
		{`"A.b" . C$1`, ".", []string{"A.b", "c$1"}},
		{`a, "B ""c"""`, ",", []string{"a", `B "c"`}},
		{"Über", ".", []string{"Über"}},
		{long, ".", []string{strings.Repeat("a", 62)}},
		{"a..b", ".", nil},
		{`"a`, ".", nil},
		{"a b", ".", nil},
		{"a--b", ".", nil},
		{"", ".", nil},
	} {
		got, ok := Names(c.text, c.separator)
		if ok != (c.want != nil) || !slices.Equal(got, c.want) {
			t.Errorf("Names(%q) = %q, %v, want %q", c.text, got, ok, c.want)
		}
	}
}

func TestOutsideQuotes(t *testing.T) {
	sql := `a.b 'x.y' "p.q" $f$ z.'o.o' $f$ -- c.d`
	upper := strings.ToUpper
	if got, want := ChangeOutsideQuotes(sql, upper), `A.B 'x.y' "p.q" $f$ z.'o.o' $f$ -- C.D`; got != want {
		t.Errorf("outside quotes:\ngot  %s\nwant %s", got, want)
	}
	if got, want := ChangeOutsideLiterals(sql, upper), `A.B 'x.y' "p.q" $F$ Z.'o.o' $F$ -- C.D`; got != want {
		t.Errorf("outside literals:\ngot  %s\nwant %s", got, want)
	}
	if before, after, ok := CutOutsideQuotes(`btree ("a WHERE b") WHERE c`, " WHERE "); before != `btree ("a WHERE b")` || after != "c" || !ok {
		t.Errorf("cut: %q, %q, %v", before, after, ok)
	}
	if before, after, ok := CutOutsideQuotes("'--' + a -- b -- c", "--"); before != "'--' + a " || after != " b -- c" || !ok {
		t.Errorf("cut at a comment: %q, %q, %v", before, after, ok)
	}
	if got := SplitOutsideQuotes(`a,'b,c',"d,e",`, ","); !slices.Equal(got, []string{"a", "'b,c'", `"d,e"`, ""}) {
		t.Errorf("split: %q", got)
	}
}

func TestDollarQuote(t *testing.T) {
	if got, want := DollarQuote("f", "a $f$ b $f_$ c$"), "$f__$a $f$ b $f_$ c$\n$f__$"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNearest(t *testing.T) {
	commands := []string{"up", "down", "dump", "status", "validate"}
	for typed, want := range map[string]string{"upp": "up", "dwon": "down", "stat": "status", "validte": "validate", "xyzzy": "", "STATUS": "status"} {
		if got := Nearest(typed, commands, 2); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}
