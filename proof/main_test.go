package proof

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// onShared is the server that the tests of this package share, as a scratch server.
func onShared(t *testing.T) ScratchConfig {
	t.Helper()
	return scratchOn(t, pgtest.URL(t))
}

func scratchOn(t *testing.T, url string) ScratchConfig {
	t.Helper()
	cfg, err := pq.NewConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return ScratchConfig{Conn: &cfg}
}

// directory is made of files: name and text in turn.
func directory(t *testing.T, files ...string) *runner.Directory {
	t.Helper()
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1] + "\n")}
	}
	d, err := runner.Load(fsys, "sql")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// mustVerify verifies on the shared server unless the configuration says otherwise.
func mustVerify(t *testing.T, cfg VerifyConfig) *VerifyReport {
	t.Helper()
	if cfg.Scratch.Conn == nil {
		cfg.Scratch = onShared(t)
	}
	r, err := Verify(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// said is a version's result in a few lines: its verdict and what was found.
func said(v VersionResult) string {
	lines := []string{string(v.Verdict)}
	if v.Reason != "" {
		lines[0] += ": " + v.Reason
	}
	for _, f := range v.Findings {
		line := f.String()
		if f.Notice {
			line = "notice: " + line
		}
		if f.Verdict == DataDiffers && f.New != "" {
			line += " (" + f.New + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// wantSaid compares the results of all versions.
func wantSaid(t *testing.T, r *VerifyReport, want ...string) {
	t.Helper()
	var got []string
	for _, v := range r.Versions {
		got = append(got, said(v))
	}
	for i := range max(len(got), len(want)) {
		g, w := "(no such version)", "(no such version)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("version %d:\n%s\nwant:\n%s", i+1, indent(g), indent(w))
		}
	}
}

func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }
