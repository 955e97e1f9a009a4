package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// To run initdb is most of what a start takes, so what it made is kept in the user's
// cache directory and copied for the next server: 40 MB for each version of PostgreSQL.

// forgetBases is how long one is kept that nobody uses.
const forgetBases = 30 * 24 * time.Hour

// base is where initdb's outcome for such a server is kept, or would be: "" for nowhere,
// where the user has no cache directory, or RUNG_KEEP_SANDBOX=false.
func (s *Server) base() string {
	cache, err := os.UserCacheDir()
	if err != nil || os.Getenv("RUNG_KEEP_SANDBOX") == "false" {
		return ""
	}
	info, err := os.Stat(filepath.Join(s.BinDir, "postgres"))
	if err != nil {
		return ""
	}
	key := sha256.Sum256(fmt.Appendln(nil, s.BinDir, s.Version, info.Size(), info.ModTime().UnixNano(), s.password == ""))
	return filepath.Join(cache, "rung", "initdb", hex.EncodeToString(key[:16]))
}

// fromBase fills the data directory from what was kept, and reports whether it did.
func (s *Server) fromBase(base string) bool {
	now := time.Now()
	if base == "" || os.Chtimes(base, now, now) != nil {
		return false
	}
	password := s.password
	if s.takeUp(base) == nil {
		return true
	}
	s.password = password
	return false
}

// keepBase keeps the data directory as initdb has left it, whole or not at all. Nothing
// hangs on it: where it fails, the next server runs initdb.
func (s *Server) keepBase(base string) {
	parent := filepath.Dir(base)
	if base == "" || os.MkdirAll(parent, 0o700) != nil {
		return
	}
	part, err := os.MkdirTemp(parent, "part-")
	if err != nil {
		return
	}
	defer os.RemoveAll(part)
	if s.copyTo(part) != nil {
		return
	}
	_ = os.Rename(part, base) // where another process was faster, its own stays
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > forgetBases {
			_ = os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}
