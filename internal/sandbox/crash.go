//go:build unix

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Kill9 ends all processes of the server with SIGKILL, as a power cut would.
// StartAgain brings it back.
func (s *Server) Kill9() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errors.New("the sandbox is stopped")
	}
	postmaster := s.postgres.Process
	// Stopped, it can neither fork nor notice; its children would otherwise
	// live on until they next look for it.
	if err := postmaster.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	children, err := childrenOf(postmaster.Pid)
	killErr := postmaster.Kill()
	<-s.exited
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL) // gone already is as good
	}
	return errors.Join(err, killErr)
}

// Restart shuts the server down in order (open transactions are rolled back,
// sessions ended) and starts it again on the same port.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	exited := s.exited
	err := s.postgres.Process.Signal(syscall.SIGINT) // a fast shutdown
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	select {
	case <-exited:
		return s.StartAgain(ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// StartAgain starts a server that Kill9 or another hand has ended, on the same
// port, and returns when it has recovered.
func (s *Server) StartAgain(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errors.New("the sandbox is stopped")
	}
	select {
	case <-s.exited:
	default:
		return errors.New("the server is running")
	}
	deadline := time.Now().Add(startTimeout)
	for {
		err := s.launch(ctx)
		passes := errors.Is(err, errPortTaken) || errors.Is(err, errStillInUse)
		if !passes || time.Now().After(deadline) || ctx.Err() != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// childrenOf lists a process's children.
func childrenOf(parent int) ([]int, error) {
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil, fmt.Errorf("list the server's processes: %w", err)
	}
	var children []int
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		pid, err := strconv.Atoi(fields[0])
		if err != nil {
			return nil, fmt.Errorf("list the server's processes: %w", err)
		}
		children = append(children, pid)
	}
	return children, nil
}
