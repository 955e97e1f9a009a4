package proxy

import (
	"bufio"
	"net"
	"time"
)

// flow is one of the two directions of a connection: fill reads messages, asks
// the hook and puts them on the line; drain takes them off when they are due.
type flow struct {
	*conn
	from, to *net.TCPConn
	line     *line
	read     func(*bufio.Reader) (Message, error)
	hook     func() Hook // call with the proxy's hookMu held
}

func (f *flow) fill() {
	defer f.line.close()
	r := bufio.NewReaderSize(f.from, 1<<16)
	for {
		m, err := f.read(r)
		if err != nil {
			return // the sender is gone; drain passes that on
		}
		m.Conn = f.number
		f.count()
		p := parcel{raw: m.raw, due: f.proxy.due()}
		switch f.decide(m) {
		case Drop:
			continue
		case Cut:
			p.raw, p.last = nil, true
		case CutAfter:
			p.last = true
		case CutAhead:
			p.last, p.due = true, time.Now().Add(500*time.Millisecond)
			_ = f.client.Close()
		}
		if !f.line.put(p) {
			return
		}
	}
}

func (f *flow) decide(m Message) Action {
	f.proxy.hookMu.Lock()
	defer f.proxy.hookMu.Unlock()
	if hook := f.hook(); hook != nil && !isClosed(f.cutting) {
		return hook(m)
	}
	return Forward
}

// count notes a message's direction, and a round trip where it turns back.
func (f *flow) count() {
	f.mu.Lock()
	fromClient := f.from == f.client
	answered := f.asking && !fromClient
	f.asking = fromClient
	f.mu.Unlock()
	if answered {
		f.proxy.countRoundTrip()
	}
}

func (f *flow) drain() {
	w := bufio.NewWriterSize(f.to, 1<<16)
	for {
		p, ok := f.line.take()
		if !ok {
			break
		}
		if isClosed(f.cutting) {
			continue // read on, so that the sender can end in peace; see cut
		}
		if !f.await(p.due) {
			return
		}
		if p.last {
			f.deafen() // before the first answer to it comes
		}
		_, err := w.Write(p.raw)
		if err == nil && (p.last || f.line.idle()) {
			err = w.Flush()
		}
		if p.last {
			f.cut()
		} else if err != nil && !isClosed(f.cutting) {
			f.abort() // the receiver is gone
			return
		}
	}
	_ = w.Flush()
	_ = f.to.CloseWrite()
}

// await waits until a parcel may be written. It says false when the connection
// was aborted meanwhile.
func (f *flow) await(due time.Time) bool {
	if wait := time.Until(due); !due.IsZero() && wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-f.aborted:
			return false
		}
	}
	for {
		gate := f.proxy.blackhole()
		if gate == nil {
			return true
		}
		select {
		case <-gate:
		case <-f.aborted:
			return false
		}
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
