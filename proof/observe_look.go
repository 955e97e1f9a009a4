package proof

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rung/internal/pgtext"
)

//go:embed sql/observe_look.sql
var observeLookSQL string

// LockMode is a mode of table locks in PostgreSQL's words.
type LockMode string

// lockModes are all of them, the weakest first, by their names in pg_locks.
var lockModes = []struct {
	internal string
	mode     LockMode
}{
	{"AccessShareLock", "ACCESS SHARE"},
	{"RowShareLock", "ROW SHARE"},
	{"RowExclusiveLock", "ROW EXCLUSIVE"},
	{"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"},
	{"ShareLock", "SHARE"},
	{"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"},
	{"ExclusiveLock", "EXCLUSIVE"},
	{"AccessExclusiveLock", "ACCESS EXCLUSIVE"},
}

// The modes that this package asks for.
const (
	shareUpdateExclusive LockMode = "SHARE UPDATE EXCLUSIVE"
	share                LockMode = "SHARE"
	shareRowExclusive    LockMode = "SHARE ROW EXCLUSIVE"
	accessExclusive      LockMode = "ACCESS EXCLUSIVE"
)

func modeOf(internal string) LockMode {
	for _, m := range lockModes {
		if m.internal == internal {
			return m.mode
		}
	}
	return ""
}

// strength orders the modes; 0 is no lock.
func (m LockMode) strength() int {
	for i := range lockModes {
		if lockModes[i].mode == m {
			return i + 1
		}
	}
	return 0
}

// blocksWrites reports whether INSERT, UPDATE and DELETE wait for the lock;
// blocksReads whether SELECT does.
func (m LockMode) blocksWrites() bool { return m.strength() >= share.strength() }

// blocksReads reports whether SELECT waits for the lock.
func (m LockMode) blocksReads() bool { return m == accessExclusive }

// blocks is what waits for the lock, in words.
func (m LockMode) blocks() string {
	switch {
	case m.blocksReads():
		return "reads and writes"
	case m.blocksWrites():
		return "writes"
	}
	return ""
}

// relation is a row of pg_class.
type relation struct {
	OID    int64  `json:"oid"`
	Schema string `json:"schema"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	File   int64  `json:"file"`
	// Table is that of an index or a TOAST table; Parent that of a partition.
	Table  int64  `json:"table"`
	Parent int64  `json:"parent"`
	Valid  bool   `json:"valid"`
	Keys   string `json:"keys"`
	RLS    bool   `json:"rls"`
	Unique bool   `json:"unique"`
	Method string `json:"method"`
	Row    string `json:"row"`
	Scans  int64  `json:"scans"`
}

func (r *relation) isIndex() bool { return r.Kind == "i" || r.Kind == "I" }

// isTable reports whether it has rows of its own or in partitions.
func (r *relation) isTable() bool { return strings.Contains("rpfm", r.Kind) }

func (r *relation) full() string { return qualified(r.Schema, r.Name) }

var relationKinds = map[string]string{
	"r": "table", "p": "table", "f": "foreign table", "m": "materialized view", "v": "view", "i": "index", "I": "index", "S": "sequence", "t": "TOAST table",
}

type columnKey struct {
	table  int64
	number int
}

type column struct {
	Table       int64  `json:"table"`
	Number      int    `json:"number"`
	Name        string `json:"name"`
	Type        string `json:"type"`
	TypeMark    string `json:"type_mark"`
	NotNull     bool   `json:"not_null"`
	Default     string `json:"default"`
	DefaultMark string `json:"default_mark"`
	Generated   bool   `json:"generated"`
	Domain      bool   `json:"domain"`
}

// ident is the column's name as SQL.
func (c *column) ident() string { return pgtext.Ident(c.Name) }

// number is the column's as Keys have it.
func (c *column) number() string { return strconv.Itoa(c.Number) }

type constraint struct {
	OID    int64  `json:"oid"`
	Name   string `json:"name"`
	Sort   string `json:"sort"`
	Table  int64  `json:"table"`
	Other  int64  `json:"other"`
	Index  int64  `json:"index"`
	Valid  bool   `json:"valid"`
	Domain int64  `json:"domain"`
	Parent int64  `json:"parent"`
	Keys   string `json:"keys"`
	// OtherKeys are the columns that a foreign key refers to.
	OtherKeys string `json:"other_keys"`
}

type objectKey struct {
	kind string
	oid  int64
}

type catalogObject struct {
	Kind  string `json:"kind"`
	OID   int64  `json:"oid"`
	Name  string `json:"name"`
	Table int64  `json:"table"`
	Row   string `json:"row"`
}

// look is what a session sees at one moment.
type look struct {
	locks       map[int64]LockMode
	relations   map[int64]*relation
	columns     map[columnKey]*column
	constraints map[int64]*constraint
	objects     map[objectKey]*catalogObject
}

// takeLook looks, in the session's transaction where it has one.
func takeLook(ctx context.Context, conn *sql.Conn) (*look, error) {
	var text []byte
	if err := conn.QueryRowContext(ctx, observeLookSQL).Scan(&text); err != nil {
		return nil, fmt.Errorf("look at the scratch database: %w", err)
	}
	var raw struct {
		Locks []struct {
			OID  int64  `json:"oid"`
			Mode string `json:"mode"`
		} `json:"locks"`
		Relations   []*relation      `json:"relations"`
		Columns     []*column        `json:"columns"`
		Constraints []*constraint    `json:"constraints"`
		Objects     []*catalogObject `json:"objects"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("read the look at the scratch database: %w", err)
	}
	l := &look{locks: map[int64]LockMode{}, relations: map[int64]*relation{}, columns: map[columnKey]*column{}, constraints: map[int64]*constraint{}, objects: map[objectKey]*catalogObject{}}
	for _, lock := range raw.Locks {
		l.locks[lock.OID] = stronger(l.locks[lock.OID], modeOf(lock.Mode))
	}
	for _, r := range raw.Relations {
		l.relations[r.OID] = r
	}
	for _, c := range raw.Columns {
		l.columns[columnKey{c.Table, c.Number}] = c
	}
	for _, k := range raw.Constraints {
		l.constraints[k.OID] = k
	}
	for _, o := range raw.Objects {
		l.objects[objectKey{o.Kind, o.OID}] = o
	}
	return l, nil
}

func stronger(a, b LockMode) LockMode {
	if b.strength() > a.strength() {
		return b
	}
	return a
}

// root is the table that a partition is of, at the top.
func (l *look) root(oid int64) int64 {
	for range 100 {
		r := l.relations[oid]
		if r == nil || r.Parent == 0 {
			break
		}
		oid = r.Parent
	}
	return oid
}

// sorted are the keys of a map in an order that does not change.
func sortedOIDs[T any](m map[int64]T) []int64 {
	oids := make([]int64, 0, len(m))
	for oid := range m {
		oids = append(oids, oid)
	}
	slices.Sort(oids)
	return oids
}

func columnAt(l *look, table int64, number string) *column {
	n, _ := strconv.Atoi(number)
	return l.columns[columnKey{table, n}]
}
