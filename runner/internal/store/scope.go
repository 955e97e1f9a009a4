package store

import (
	"strings"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
)

// A scope is a schema that has versions of its own in a history that it shares
// with others. Its files run in it: search_path is that schema alone, and those
// that are shared, by SET LOCAL in each transaction. A session's own SET would be
// another client's behind a pooler.

// lockSuffix sets the locks of scopes apart, and those of background backfills.
func (b Book) lockSuffix() string {
	var s string
	if b.Scope != "" {
		s = "\x00" + b.Scope
	}
	if b.Background != "" {
		s += "\x00\x00" + string(b.Background)
	}
	return s
}

// path is a scope's search_path.
func (b Book) path() string {
	names := []string{pgtext.Ident(b.Scope)}
	for _, s := range b.Shared {
		names = append(names, pgtext.Ident(s))
	}
	return strings.Join(names, ", ")
}

// FilePath comes first in each transaction that holds a file's text. A schema that
// is missing, or that the role may not use, would be passed over in silence, and
// names would mean what others have.
func (b Book) FilePath() string {
	if b.Scope == "" {
		return ""
	}
	return "SET LOCAL search_path = " + b.path() + ";\n" + b.SQL("scope_here", nil)
}

// SessionPath is FilePath for a statement outside of a transaction.
func (b Book) SessionPath() string {
	if b.Scope == "" {
		return ""
	}
	return "SET search_path = " + b.path() + ";\n" + b.SQL("scope_here", nil)
}

// scopeDigest is SQL: what stands for all versions of the scope, by the relation that
// lists them.
func (b Book) scopeDigest(versions Fragment) Fragment {
	return Fragment(b.SQL("scope_digest", Values{"versions": versions}))
}

// OfBackground is the history with the lock of a background backfill.
func (b Book) OfBackground(v files.Version) Book {
	b.Background = v
	return b
}
