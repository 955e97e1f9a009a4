package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The load leaves a machine of two cores time for the change beside it.
const (
	loadClients = 8
	loadRate    = 400 // transactions a second
)

// A load is pgbench at work.
type load struct {
	logs   string // prefix of its log files
	bench  *bench
	name   string // of the database
	cmd    *exec.Cmd
	output *bytes.Buffer
	exited chan struct{}
}

// startLoad sets users on the table of a database, one half of them to read it
// and one half to write.
func startLoad(ctx context.Context, b *bench, name string, t bigTable, rows int64) (*load, error) {
	dir := filepath.Join(b.workDir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	args := []string{
		"--no-vacuum", "--log", "--log-prefix=" + filepath.Join(dir, "log"), "--time=86400",
		fmt.Sprintf("--client=%d", loadClients), fmt.Sprintf("--rate=%d", loadRate),
	}
	for file, script := range map[string]string{"read.sql": t.read, "write.sql": t.write} {
		file = filepath.Join(dir, file)
		if err := os.WriteFile(file, fmt.Appendf(nil, "\\set id random(1, %d)\n%s\n", rows, script), 0o644); err != nil {
			return nil, err
		}
		args = append(args, "--file="+file)
	}
	l := &load{logs: filepath.Join(dir, "log"), bench: b, name: name, output: &bytes.Buffer{}, exited: make(chan struct{})}
	l.cmd = exec.CommandContext(ctx, b.binaries["pgbench"].path, append(args, b.server.URL(name))...)
	l.cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	l.cmd.Stdout, l.cmd.Stderr = l.output, l.output
	if err := l.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start pgbench: %w", err)
	}
	go func() {
		_ = l.cmd.Wait() // it always complains of how it was ended
		close(l.exited)
	}()
	return l, nil
}

// end takes pgbench's connections away, upon which it writes its log out and
// exits. A signal would end it with the log's last lines unwritten, and those
// are of the transactions that waited longest.
func (l *load) end(ctx context.Context) error {
	select {
	case <-l.exited:
		return fmt.Errorf("pgbench ended by itself: %s", tellingLine(l.output.Bytes()))
	default:
	}
	_, err := l.bench.server.admin.ExecContext(ctx,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'pgbench'", l.name)
	if err != nil {
		return fmt.Errorf("end pgbench: %w", err)
	}
	select {
	case <-l.exited:
		return nil
	case <-time.After(time.Minute):
		return errors.New("pgbench does not end without its connections")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// kill makes sure that it is gone, with its logs.
func (l *load) kill() {
	_ = l.cmd.Process.Kill() // gone already is as good
	<-l.exited
	_ = os.RemoveAll(filepath.Dir(l.logs))
}
