//go:build unix

package pgconn

import (
	"errors"
	"syscall"
)

// Readable reports, without asking the server, whether something has come in on
// an idle session: mostly that the connection is at its end.
func (s *Session) Readable() bool {
	s.mu.Lock()
	c, ok := s.net.(syscall.Conn)
	s.mu.Unlock()
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	readable := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		readable = !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
	})
	return readable || err != nil
}
