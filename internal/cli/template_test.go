package cli

import (
	"os"
	"path/filepath"
	"testing"
)

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
