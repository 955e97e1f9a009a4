package cli

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParamsThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "p.json:1:1: it ends too early",
		"{\"type\": \"mood\",\n \"values\": [\"sad\", {}]}":        "p.json:2:20: a list in values holds strings",
		"{\"type\": \"mood\",\n \"map\": {\"sé\": [1]}\n}":         "p.json:2:16: a map in map goes from strings to strings",
		"{\"type\": {\"a\": \"b\"}}":                               "p.json:1:10: type is no map",
		"{\"type\": [\"a\", \"b\"]}":                               "p.json:1:10: type is one value, and no list",
		"{\"type\": \"mood\",\n\n \"type\": \"food\"}":             "p.json:3:2: type is given twice",
		"{\"type\": \"mood\",\n \"map\": \"sad=ok\"\n \"values\"}": "p.json:3:2: invalid character",
		"{\"type\": \"mood\",\n \"map\": \"sad=ok\"\n":             "p.json:2:17: it ends too early",
		"{\"type\": \"mood\"}\n{}":                                 "p.json:2:1: invalid character '{' after top-level value",
		"[\"type\"]":                                               "p.json:1:1: not a JSON object",
		"type=mood":                                                "p.json:1:2: invalid character",
	} {
		if _, err := paramsOf("p.json", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "--params "+want) {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
}

// What JSON has is what --set would have.
func TestParamsOfEachKind(t *testing.T) {
	t.Parallel()
	p, err := paramsOf("p.json", []byte(`{"type": "mood", "values": ["a", "b, c", "it's", "", 7], "map": {"a": "b", "x=y": "top, now"},
 "unique": true, "keep": false, "rows": 12, "where": null, "columns": ["a", "\"B\""], "note": "a\nb=c"}`))
	want := map[string]string{
		"type": "mood", "values": "a,'b, c',it's,'',7", "map": "a=b,'x=y'='top, now'", "unique": "true", "keep": "false", "rows": "12",
		"columns": `a, "B"`, "note": "a\nb=c",
	}
	if err != nil || !maps.Equal(p, want) {
		t.Errorf("%v:\n got %q\nwant %q", err, p, want)
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
