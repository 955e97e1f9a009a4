package runner

import (
	"slices"
	"sync"

	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// scopesKnown is what was read of the scopes of one history. Thousands of them have the
// same versions in place: what one scope's rows say is what the others' do. So a scope's
// own are not read before its first file, whose claim finds the digest of what it should
// have, or nothing runs and they are read.
type scopesKnown struct {
	mu sync.Mutex
	// looked is true once all that is on the history tables was looked at.
	looked  bool
	digests map[string]string       // of each scope
	records map[string]*plan.Record // by digest
	texts   map[string]bool         // by checksum, those that are kept
}

// mostRecords bounds what is kept, and with it the memory of a run whose scopes have
// nothing in common.
const mostRecords = 16

// note takes in the digest of each scope.
func (k *scopesKnown) note(digests map[string]string) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.digests = digests
}

// take gives the history of a scope as another one has it, or nil. It does so once: what
// a run does to the scope changes it.
func (k *scopesKnown) take(scope string) *plan.Record {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	digest, known := k.digests[scope]
	rec := k.records[digest]
	if !known || rec == nil || !k.looked {
		return nil
	}
	delete(k.digests, scope)
	own := *rec
	own.Expects, own.Steps = &digest, map[plan.StepKey]plan.StepRow{}
	return &own
}

// wasRead takes in the history of a scope, or of the database itself, whose tables were
// looked at as closely as the gate says.
func (k *scopesKnown) wasRead(scope string, rec *plan.Record, as store.Gate) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looked = k.looked || as == store.Whole
	if scope == "" || rec.Format != store.FormatNow || !rec.Settled() || len(k.records) == mostRecords {
		return
	}
	if k.records == nil {
		k.records = map[string]*plan.Record{}
	}
	k.records[rec.Digest] = rec
}

// gate is how closely a Runner looks at the history tables before it works on them:
// once for all that share the connections, as a run over many files does. The look
// costs the server more than a small file.
func (k *scopesKnown) gate() store.Gate {
	if k == nil {
		return store.Whole
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.looked {
		return store.AtGlance
	}
	return store.Whole
}

// areKept reports whether it is known that the history has these texts, by checksum.
func (k *scopesKnown) areKept(texts []string) bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return !slices.ContainsFunc(texts, func(t string) bool { return !k.texts[t] })
}

// keeps notes that it has them.
func (k *scopesKnown) keeps(texts []string) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.texts == nil {
		k.texts = map[string]bool{}
	}
	for _, t := range texts {
		k.texts[t] = true
	}
}
