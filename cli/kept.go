package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/internal/sandbox"
)

// A sandbox that was brought to the head of a directory is kept until the next rung new:
// most of what that takes is to make a server and to run all migrations. What is kept is
// known by the checksums of all that made it, so that nothing of it can be stale.

// mostKept is how many are kept, for all directories together; each has some 40 MB.
const mostKept = 3

// keptSandbox is where the sandbox at the head of a directory is kept, or would be.
type keptSandbox struct{ dir string }

// keptAt finds the place; none where the user has no cache directory, or wants nothing
// to be kept, by RUNG_KEEP_SANDBOX=false, or empty servers only, by RUNG_KEEP_SANDBOX=empty.
func keptAt(c *ucli.Context) *keptSandbox {
	cache, err := os.UserCacheDir()
	if keep := os.Getenv("RUNG_KEEP_SANDBOX"); err != nil || keep == "false" || keep == "empty" {
		return nil
	}
	d, err := loadDirectories(c)
	if err != nil || len(d.Migrations) == 0 {
		return nil
	}
	binDir, server, err := sandbox.Find(c.Context)
	if err != nil {
		return nil
	}
	build := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		build = info.String()
	}
	h := sha256.New()
	fmt.Fprintln(h, version(), build, binDir, server, os.Geteuid(), c.String("history-schema"))
	for _, m := range d.Migrations {
		if m.Up != nil {
			fmt.Fprintf(h, "%s %q %s\n", m.Version, m.Name, m.Up.Checksum)
		}
	}
	return &keptSandbox{filepath.Join(cache, "rung", "sandboxes", hex.EncodeToString(h.Sum(nil))[:32])}
}

// there reports whether it was kept, and notes that it is still of use.
func (k *keptSandbox) there() bool {
	if k == nil {
		return false
	}
	now := time.Now()
	return os.Chtimes(k.dir, now, now) == nil
}

// keep keeps a sandbox, whole or not at all, and lets the oldest go. Nothing hangs on
// it: where it fails, the next one is made from the start.
func (k *keptSandbox) keep(ctx context.Context, s *sandbox.Server) {
	if k == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	parent := filepath.Dir(k.dir)
	if os.MkdirAll(parent, 0o700) != nil {
		return
	}
	part, err := os.MkdirTemp(parent, "part-")
	if err != nil {
		return
	}
	defer os.RemoveAll(part)
	if s.Keep(ctx, part) == nil && os.Rename(part, k.dir) == nil {
		forgetOldest(parent)
	}
}

// forgetOldest leaves those that were used last.
func forgetOldest(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	age := func(e os.DirEntry) time.Duration {
		info, err := e.Info()
		if err != nil {
			return 0
		}
		return time.Since(info.ModTime())
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { // another rung may be at it
		return strings.HasPrefix(e.Name(), "part-") && age(e) < time.Hour
	})
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return int(age(a) - age(b)) })
	for i, e := range entries {
		if i >= mostKept {
			os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}
