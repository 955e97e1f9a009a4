package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startTimeout is for machines under heavy load; half a second is usual.
const startTimeout = 60 * time.Second

var (
	errPortTaken  = errors.New("another process has taken the port")
	errStillInUse = errors.New("processes of the last run are still there")
)

// launch starts postgres on the data directory and waits until it accepts
// connections. The caller holds s.mu.
func (s *Server) launch(ctx context.Context) error {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	logStart, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	// Not bound to ctx, which is over when the start is.
	cmd := s.ward.Command(context.WithoutCancel(ctx), filepath.Join(s.BinDir, "postgres"),
		"-D", s.dataDir(), "-p", strconv.Itoa(s.Port))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	s.postgres, s.exited = cmd, exited

	if err := s.awaitReady(ctx); err != nil {
		s.quit()
		return explainStart(err, s.Log()[min(int(logStart), len(s.Log())):])
	}
	return nil
}

// quit ends postgres at once, but so that it removes its shared memory.
func (s *Server) quit() {
	_ = s.postgres.Process.Signal(syscall.SIGQUIT)
	select {
	case <-s.exited:
	case <-time.After(10 * time.Second):
		_ = s.postgres.Process.Kill()
		<-s.exited
	}
}

// awaitReady waits for the word of the server itself, in its pid file. Success
// in connecting would not do: another server may have got the port.
func (s *Server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout,
		fmt.Errorf("not ready after %s", startTimeout))
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.exited:
			return errors.New("postgres exited")
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if s.ready() {
				return nil
			}
		}
	}
}

// ready reads the pid file: line 1 is the process id, line 8 the state.
func (s *Server) ready() bool {
	text, err := os.ReadFile(filepath.Join(s.dataDir(), "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	return len(lines) >= 8 && lines[0] == strconv.Itoa(s.postgres.Process.Pid) &&
		strings.TrimSpace(lines[7]) == "ready"
}

// explainStart tells failures that pass from those that stay.
func explainStart(err error, log string) error {
	switch {
	case strings.Contains(log, "could not create any TCP/IP sockets"):
		return errPortTaken
	case strings.Contains(log, "is still in use"), strings.Contains(log, `lock file "postmaster.pid" already exists`):
		return errStillInUse
	}
	return fmt.Errorf("start postgres: %w\n%s", err, strings.TrimSpace(log))
}

// freePort finds a free port below those that the kernel gives to outgoing
// connections: one of these could otherwise take it while the server is down
// between a crash and its restart.
func freePort() (int, error) {
	var err error
	for range 100 {
		port := 20000 + rand.IntN(12000)
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("find a free port: %w", err)
}
