package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// keptPassword is the superuser's password of a server that was kept.
const keptPassword = "password"

// Keep shuts the server down and copies what it holds into a new directory, for the
// Config of another one. Only Stop may be called after it.
func (s *Server) Keep(ctx context.Context, dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.postgres == nil {
		return errors.New("the sandbox is stopped")
	}
	if err := s.postgres.Process.Signal(syscall.SIGINT); err != nil {
		return fmt.Errorf("shut the sandbox down: %w", err)
	}
	select {
	case <-s.exited:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return s.copyTo(dir)
}

// copyTo writes what takeUp takes up.
func (s *Server) copyTo(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(dir, "data"), os.DirFS(s.dataDir())); err != nil {
		return fmt.Errorf("keep the sandbox: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, keptPassword), []byte(s.password), 0o600)
}

// takeUp copies what Keep has written.
func (s *Server) takeUp(dir string) error {
	password, err := os.ReadFile(filepath.Join(dir, keptPassword))
	if err != nil {
		return err
	}
	s.password = string(password)
	if err := os.CopyFS(s.dataDir(), os.DirFS(filepath.Join(dir, "data"))); err != nil {
		return fmt.Errorf("take up a kept sandbox: %w", err)
	}
	if err := os.Chmod(s.dataDir(), 0o700); err != nil { // PostgreSQL takes no other
		return err
	}
	return s.ward.Adopt(s.dataDir())
}

// Find is where the binaries are that Start would take, and their version.
func Find(ctx context.Context) (binDir string, version Version, err error) {
	return findServer(ctx, "")
}
