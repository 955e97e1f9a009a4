package pgconn

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// lastWords is a session's network connection that remembers the last error of
// the server. When one is FATAL the driver reports driver.ErrBadConn in its place
// (lib/pq, conn.go, handleError), and why the server ended the session is gone.
//
// It reads along, message by message, and changes nothing. What TLS encrypts it
// cannot read; there a lost connection stays without a reason.
type lastWords struct {
	net.Conn

	mu      sync.Mutex
	started bool   // whether something was sent
	opaque  bool   // TLS was asked for
	head    []byte // of the message that is coming in: its type and length
	left    int    // bytes of it that are still to come
	text    []byte // of an error
	said    *pq.Error
}

// sslRequest is the code of what a client sends first where it wants TLS.
const sslRequest = 80877103

func (c *lastWords) Write(b []byte) (int, error) {
	c.mu.Lock()
	if !c.started {
		c.started = true
		c.opaque = len(b) == 0 || b[0] != 0 || len(b) == 8 && binary.BigEndian.Uint32(b[4:]) == sslRequest
	}
	c.mu.Unlock()
	return c.Conn.Write(b)
}

func (c *lastWords) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.opaque {
		c.follow(b[:n])
	}
	return n, err
}

// mostWords is how much of an error is kept: a message begins with what counts.
const mostWords = 64 << 10

func (c *lastWords) follow(b []byte) {
	for len(b) > 0 {
		if len(c.head) < 5 {
			n := min(5-len(c.head), len(b))
			c.head, b = append(c.head, b[:n]...), b[n:]
			if len(c.head) < 5 {
				return
			}
			c.left, c.text = int(binary.BigEndian.Uint32(c.head[1:]))-4, nil
			if c.left < 0 {
				c.opaque = true // no message: a server that cannot start a process writes plain text
				return
			}
		}
		n := min(c.left, len(b))
		if c.head[0] == 'E' && len(c.text) < mostWords {
			c.text = append(c.text, b[:n]...)
		}
		c.left, b = c.left-n, b[n:]
		if c.left == 0 {
			if c.head[0] == 'E' {
				c.said = readError(c.text)
			}
			c.head = c.head[:0]
		}
	}
}

// readError reads the fields of an ErrorResponse: a letter and a text each.
func readError(text []byte) *pq.Error {
	e := &pq.Error{}
	for len(text) > 1 {
		value, rest, ok := bytes.Cut(text[1:], []byte{0})
		if !ok {
			break
		}
		switch s := string(value); text[0] {
		case 'S':
			if e.Severity == "" {
				e.Severity = s
			}
		case 'V':
			e.Severity = s // not translated
		case 'C':
			e.Code = pqerror.Code(s)
		case 'M':
			e.Message = s
		case 'D':
			e.Detail = s
		case 'H':
			e.Hint = s
		}
		text = rest
	}
	return e
}

// farewell is the error with which the server ended the session, or nil. It may
// have come in while nobody read.
func (c *lastWords) farewell() *pq.Error {
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	var b [4096]byte
	for {
		if n, err := c.Read(b[:]); n == 0 || err != nil {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.said == nil || !c.said.Fatal() {
		return nil
	}
	return c.said
}
