package proof

import (
	"slices"

	"rung/internal/lazyre"
)

// compare fills in what the statement did.
func (o *observer) compare(m *moment) {
	m.Changes = append(m.Changes, changes(m.before, m.after)...)
	o.compareFiles(m)
	if m.tx != nil {
		o.compareLocks(m)
	} else {
		o.documentedLocks(m)
	}
	o.compareScans(m)
}

// compareLocks notes the locks that are held now, and since when. Locks on
// TOAST tables repeat their table's, and those on indexes mostly do.
func (o *observer) compareLocks(m *moment) {
	for oid := range m.tx.held {
		if m.after.locks[oid] == "" {
			delete(m.tx.held, oid) // rolled back to a savepoint
		}
	}
	for _, oid := range sortedOIDs(m.after.locks) {
		mode := m.after.locks[oid]
		if held, ok := m.tx.held[oid]; !ok || mode.strength() > held.mode.strength() {
			m.tx.held[oid] = heldLock{mode, m}
		}
	}
	for _, oid := range sortedOIDs(m.tx.held) {
		r, held := m.relation(oid), m.tx.held[oid]
		if m.ofToast(r) || r.isIndex() && m.after.locks[r.Table].strength() >= held.mode.strength() || r.Name == "?" {
			continue
		}
		m.Locks = append(m.Locks, o.lock(m, oid, held.mode, held.by))
	}
}

func (o *observer) lock(m *moment, oid int64, mode LockMode, by *moment) Lock {
	return Lock{Relation: o.name(m, oid), Mode: mode, Since: by.Line, Blocks: mode.blocks(), New: o.known[oid] == nil, oid: oid, by: by}
}

// documentedLocks are those of a statement outside of a transaction, which has
// let go of them: by PostgreSQL's documentation, on what it changed.
func (o *observer) documentedLocks(m *moment) {
	locks := map[int64]LockMode{}
	add := func(oid int64, mode LockMode) {
		if oid != 0 {
			locks[oid] = stronger(locks[oid], mode)
		}
	}
	for oid, is := range m.after.relations {
		was := m.before.relations[oid]
		switch {
		case is.isIndex() && was == nil:
			add(is.Table, shareUpdateExclusive)
		case was != nil && was.Parent != 0 && is.Parent == 0: // DETACH … CONCURRENTLY
			add(was.Parent, shareUpdateExclusive)
			add(oid, accessExclusive)
		case was != nil && was.File != is.File && is.isTable():
			add(oid, accessExclusive)
		case was != nil && was.File != is.File && is.isIndex():
			add(is.Table, share)
			add(oid, accessExclusive)
		}
	}
	for oid, was := range m.before.relations {
		if was.isIndex() && m.after.relations[oid] == nil {
			add(was.Table, shareUpdateExclusive)
		}
	}
	for _, oid := range sortedOIDs(locks) {
		if r := m.relation(oid); m.ofToast(r) || r.isIndex() && locks[r.Table].strength() >= locks[oid].strength() {
			continue
		}
		l := o.lock(m, oid, locks[oid], m)
		l.Documented = true
		m.Locks = append(m.Locks, l)
	}
	switch {
	case m.outside == "VACUUM" && len(locks) == 0:
		m.NotObserved = "VACUUM takes SHARE UPDATE EXCLUSIVE on each table that it works on, which blocks neither reads nor writes"
	case len(locks) == 0 && m.Failed == "":
		m.NotObserved = "its locks: it runs outside of a transaction"
	}
}

// compareFiles notes the tables that are written anew and the indexes that are built.
func (o *observer) compareFiles(m *moment) {
	for _, line := range m.debug {
		if name := debugRewrite.FindStringSubmatch(line); name != nil {
			for _, oid := range sortedOIDs(m.after.relations) {
				is, was := m.after.relations[oid], m.before.relations[oid]
				if is.Name == name[1] && is.isTable() && was != nil && was.File != is.File {
					m.Rewrites, m.rewritten = appendNew(m.Rewrites, o.name(m, oid)), append(m.rewritten, oid)
				}
			}
		}
		if name := debugBuild.FindStringSubmatch(line); name != nil {
			for _, oid := range sortedOIDs(m.after.relations) {
				is, was := m.after.relations[oid], m.before.relations[oid]
				built := is.isIndex() && is.Name == name[1] && (was == nil || was.File != is.File)
				// An index of a table that is new or emptied is none to wait for.
				if built && m.before.relations[is.Table] != nil && !m.ofToast(is) && m.word(0) != "TRUNCATE" {
					m.Builds = append(m.Builds, Build{is.full(), o.name(m, is.Table)})
					m.built = append(m.built, oid)
				}
			}
		}
	}
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// compareScans notes the tables that the server says it read in full, and those
// of which only its counter tells.
func (o *observer) compareScans(m *moment) {
	for _, line := range m.debug {
		if name := debugVerify.FindStringSubmatch(line); name != nil {
			for _, oid := range sortedOIDs(m.after.locks) {
				if r := m.after.relations[oid]; r != nil && r.Name == name[1] && r.isTable() {
					o.scan(m, oid)
				}
			}
		}
		if name := debugValidate.FindStringSubmatch(line); name != nil {
			for _, oid := range sortedOIDs(m.after.constraints) {
				k, was := m.after.constraints[oid], m.before.constraints[oid]
				if k.Name == name[1] && k.Sort == "f" && (was == nil || !was.Valid) {
					o.scan(m, k.Table)
					o.scan(m, k.Other)
				}
			}
		}
	}
	if m.tx == nil || m.reads() {
		return
	}
	for _, oid := range sortedOIDs(m.after.relations) {
		is, was := m.after.relations[oid], m.before.relations[oid]
		if was == nil || is.Scans <= was.Scans || is.File != was.File || slices.ContainsFunc(m.Builds, func(b Build) bool { return b.Table == o.name(m, oid) }) {
			continue
		}
		o.scan(m, oid)
	}
}

func (o *observer) scan(m *moment, oid int64) {
	if !slices.Contains(m.scanned, oid) {
		m.scanned, m.Scans = append(m.scanned, oid), append(m.Scans, o.name(m, oid))
	}
}

// The server's DEBUG lines. Their names are without schema.
var (
	debugRewrite  = lazyre.New(`^rewriting table "(.*)"$`)
	debugVerify   = lazyre.New(`^verifying table "(.*)"$`)
	debugValidate = lazyre.New(`^validating foreign key constraint "(.*)"$`)
	debugBuild    = lazyre.New(`^building index "(.*)" on table "(.*)"`)
)
