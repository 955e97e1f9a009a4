package show

import "testing"

// What a value of JSON holds is looked at by itself, and what is to be run, or
// read by a program, is left as it is.
func TestMaskJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"message":"a\n-password '<x>'\n", "n": 1, "l": ["password 'y'"]}`: `{"message":"a\n-password '***'\n", "n": 1, "l": ["password '*'"]}`,
		`{"a":"postgres://u:p\"q@h","b":"x@y"}`:                             `{"a":"postgres://u:***@h","b":"x@y"}`,
		`{"sql": "password 'x'", "what": "password 'x'"}`:                   `{"sql": "password 'x'", "what": "password '*'"}`,
		`{"text": null, "password 'x'": "<password 'é'>"}`:                  `{"text": null, "password 'x'": "<password '*'>"}`,
		`{"database_url": "postgres://u:p@h"}`:                              `{"database_url": "postgres://u:p@h"}`,
	} {
		if got := maskJSON(text); got != want {
			t.Errorf("%s\n is %s\nnot %s", text, got, want)
		}
	}
}
