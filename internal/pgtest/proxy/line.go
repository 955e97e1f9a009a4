package proxy

import (
	"sync"
	"time"
)

// parcel is a message under way.
type parcel struct {
	raw  []byte
	due  time.Time
	last bool // the connection ends after it
}

// maxUnderWay bounds a line's bytes, and so the memory of a proxy whose
// receiver is slower than the sender. Over 20 ms it lets pass 800 MB a second.
const maxUnderWay = 16 << 20

// line is a queue of parcels in order of their due times.
type line struct {
	mu      sync.Mutex
	changed sync.Cond
	parcels []parcel
	bytes   int
	closed  bool // nothing more will be put
}

func newLine() *line {
	l := &line{}
	l.changed.L = &l.mu
	return l
}

// put adds a parcel, and waits while there are too many bytes under way. After
// close it does nothing and says false.
func (l *line) put(p parcel) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.bytes > maxUnderWay && !l.closed {
		l.changed.Wait()
	}
	if l.closed {
		return false
	}
	l.parcels = append(l.parcels, p)
	l.bytes += len(p.raw)
	l.changed.Broadcast()
	return true
}

// take removes the first parcel. It waits for one, and says false when the line
// is closed and empty.
func (l *line) take() (parcel, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.parcels) == 0 && !l.closed {
		l.changed.Wait()
	}
	if len(l.parcels) == 0 {
		return parcel{}, false
	}
	p := l.parcels[0]
	l.parcels[0] = parcel{} // its bytes are no longer ours to hold
	l.parcels = l.parcels[1:]
	l.bytes -= len(p.raw)
	l.changed.Broadcast()
	return p, true
}

// idle reports whether there is nothing to write at this moment.
func (l *line) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.parcels) == 0 || time.Now().Before(l.parcels[0].due)
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed.Broadcast()
}
