//go:build unix

package pgconn

import (
	"errors"
	"syscall"
)

// Stirred tells, without asking the server, whether something has come in on
// an idle session: mostly that the connection is at its end.
func (s *Session) Stirred() bool {
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
	stirred := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		stirred = !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
	})
	return stirred || err != nil
}
