package secret

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"connect to postgres://u:p@h/db":                  "connect to postgres://u:*@h/db",
		"postgres://u:p@q/r?s@h/db?x=y":                   "postgres://u:*******@h/db?x=y",
		"postgres://u@h/db":                               "postgres://u@h/db",
		"write it like postgres://user:password@host/db":  "write it like postgres://user:password@host/db",
		"host=h password=secret user=u":                   "host=h password=****** user=u",
		"password = 'a b' user=u":                         "password = ***** user=u",
		"?sslpassword=x&sslmode=disable":                  "?sslpassword=*&sslmode=disable",
		"ALTER ROLE app PASSWORD 'it''s' VALID UNTIL 'x'": "ALTER ROLE app PASSWORD '*****' VALID UNTIL 'x'",
		"create role r password e'ü'":                     "create role r password e'*'",
		`password E'it\'s' x 's'`:                         `password E'*****' x 's'`,
		"password U&'x' uescape '!'":                      "password U&'*' uescape '!'",
		"password'x'":                                     "password'*'",
		"the user's password's blank isn't":               "the user's password's blank isn't",
		"PASSWORD -- 'no'\n\t'x'":                         "PASSWORD -- 'no'\n\t'*'",
		"PASSWORD /* 'no'\n */ 'x'":                       "PASSWORD /* 'no'\n */ '*'",
		"ALTER ROLE app\n PASSWORD -- new\n 'a\nb' x":     "ALTER ROLE app\n PASSWORD -- new\n '*\n*' x",
		"PASSWORD 'ä' x":                                  "PASSWORD '*' x",
		"password 'two\nlines'; x":                        "password '***\n*****'; x",
		"password $$x$$, $a$y$a$":                         "password $$*$$, $a$y$a$",
		"password $a$x$a$":                                "password $a$*$a$",
		"password $1 and $2":                              "password $1 and $2",
		"EXECUTE 'alter role r password ''x''';":          "EXECUTE 'alter role r password ''*''';",
		"password 'cut off":                               "password '*******",
		"the password is wrong":                           "the password is wrong",
	} {
		got := Mask(text)
		if got != want {
			t.Errorf("Mask(%q)\n is %q\nnot %q", text, got, want)
		}
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(text) || strings.Count(got, "\n") != strings.Count(text, "\n") {
			t.Errorf("Mask(%q) has another length, or other lines", text)
		}
		if again := Mask(got); again != got {
			t.Errorf("Mask(%q) is %q", got, again)
		}
	}
	if got := MaskWords("dial u:p@h"); got != "dial u:*@h" {
		t.Error(got)
	}
}
