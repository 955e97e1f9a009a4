package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParamsThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "p.json:1: it ends too early",
		"{\"type\": \"mood\",\n \"map\": [\"sad=ok\"]}":        "p.json:2: the value of map is not a string",
		"{\"type\": \"mood\",\n \"map\": {\"sad\": \"ok\"}\n}": "p.json:2: the value of map is not a string",
		"{\"type\": null}": "p.json:1: the value of type is not a string",
		"{\"type\": \"mood\",\n\n \"type\": \"food\"}":             "p.json:3: type is given twice",
		"{\"type\": \"mood\",\n \"map\": \"sad=ok\"\n \"values\"}": "p.json:3: invalid character",
		"{\"type\": \"mood\",\n \"map\": \"sad=ok\"\n":             "p.json:3: it ends too early",
		"{\"type\": \"mood\"}\n{}":                                 "p.json:2: more follows the object",
		"[\"type\"]":                                               "p.json:1: not a JSON object",
		"type=mood":                                                "p.json:1: invalid character",
	} {
		if _, err := paramsOf("p.json", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "--params "+want) {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
	p, err := paramsOf("p.json", []byte("{\"type\": \"mood\", \"map\": \"a\\nb=c\"}\n"))
	if err != nil || len(p) != 2 || p["type"] != "mood" || p["map"] != "a\nb=c" {
		t.Errorf("%v: %v", err, p)
	}
}

func TestWriteAllOrNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := []newFile{{filepath.Join(dir, "1_a.up.sql"), "a"}, {filepath.Join(dir, "1_a.down.sql"), "b"}, {filepath.Join(dir, "2_b.up.sql"), "c"}}
	if err := os.WriteFile(files[1].Path, []byte("was there"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeAll(files); err == nil {
		t.Fatal("written over")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v: %v", err, left)
	}
	if text, _ := os.ReadFile(files[1].Path); string(text) != "was there" {
		t.Errorf("it is now %q", text)
	}
}
