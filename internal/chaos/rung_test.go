// Package chaos proves the promises of rung by force: the built binary, real
// servers, and everything that can go wrong between the two, at every moment
// that it can go wrong at.
package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rung/internal/pgtest"
)

func TestMain(m *testing.M) {
	// Where the tests themselves run under nohup, a rung that they start would
	// ignore SIGHUP too: what is caught here is not ignored there.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	pgtest.Main(m)
	if binary.dir != "" {
		_ = os.RemoveAll(binary.dir)
	}
}

// binary is rung, built once.
var binary struct {
	once      sync.Once
	dir, path string
	err       error
}

func rungBinary(tb testing.TB) string {
	tb.Helper()
	binary.once.Do(func() {
		if binary.dir, binary.err = os.MkdirTemp("", "rung-chaos-"); binary.err != nil {
			return
		}
		binary.path = filepath.Join(binary.dir, "rung")
		if out, err := osexec.Command("go", "build", "-o", binary.path, "rung").CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("build rung: %w\n%s", err, out)
		}
	})
	if binary.err != nil {
		tb.Fatal(binary.err)
	}
	return binary.path
}

// patience is how long anything may take before it counts as hung. It is
// never waited out by a test that passes.
const patience = 2 * time.Minute

// process is a running rung.
type process struct {
	tb             testing.TB
	args           []string
	cmd            *osexec.Cmd
	stdout, stderr output
	exited         chan struct{}
}

// output collects what a process writes, and can be read meanwhile.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start starts rung on a database and a directory.
func start(tb testing.TB, url, dir string, args ...string) *process {
	tb.Helper()
	return startWith(tb, nil, url, dir, args...)
}

// startWith starts it by another program, which takes its command line behind
// its own and becomes rung.
func startWith(tb testing.TB, by []string, url, dir string, args ...string) *process {
	tb.Helper()
	p := &process{tb: tb, args: args, exited: make(chan struct{})}
	line := append(append(by, rungBinary(tb), "--database-url", url, "--dir", dir, "--verbose"), args...)
	p.cmd = osexec.Command(line[0], line[1:]...)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "RUNG_") {
			p.cmd.Env = append(p.cmd.Env, e)
		}
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.exited) }()
	tb.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.exited
		if tb.Failed() {
			tb.Logf("rung %s: %s\n%s%s", strings.Join(args, " "), p.cmd.ProcessState, p.stdout.String(), p.stderr.String())
		}
	})
	return p
}

// wait waits for the end and returns the exit code, as a shell would tell it.
func (p *process) wait() int {
	p.tb.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // shows where it hangs
		<-p.exited
		p.tb.Fatalf("rung %s does not end:\n%s", strings.Join(p.args, " "), p.stderr.String())
	}
	if ws, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return p.cmd.ProcessState.ExitCode()
}

// must waits for the end and wants that exit code.
func (p *process) must(code int) *process {
	p.tb.Helper()
	if got := p.wait(); got != code {
		p.tb.Errorf("rung %s: exit %d, not %d\n%s%s", strings.Join(p.args, " "), got, code, p.stdout.String(), p.stderr.String())
	}
	return p
}

// said wants a text on stderr.
func (p *process) said(texts ...string) *process {
	p.tb.Helper()
	for _, text := range texts {
		if !strings.Contains(p.stderr.String(), text) {
			p.tb.Errorf("rung %s does not say %q:\n%s", strings.Join(p.args, " "), text, p.stderr.String())
		}
	}
	return p
}

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// kill9 ends the process, or finds that it has ended, and waits until it has.
func (p *process) kill9() (killed bool) {
	_ = p.cmd.Process.Kill()
	<-p.exited
	ws, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && ws.Signaled()
}

func (p *process) signal(sig syscall.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.tb.Fatal(err)
	}
}

// result is what --json tells, as far as these tests look at it.
type result struct {
	OK   bool `json:"ok"`
	Done []struct {
		Version string `json:"version"`
	} `json:"done"`
	Error struct {
		Kind     string `json:"kind"`
		ExitCode int    `json:"exit_code"`
		Message  string `json:"message"`
		Hint     string `json:"hint"`
		Standing string `json:"standing"`
		SQLState string `json:"sqlstate"`
		Blockers []struct {
			PID         int    `json:"pid"`
			User        string `json:"user"`
			Application string `json:"application"`
			State       string `json:"state"`
			Query       string `json:"query"`
		} `json:"blockers"`
	} `json:"error"`
}

func (p *process) json() (r result) {
	p.tb.Helper()
	if err := json.Unmarshal([]byte(p.stdout.String()), &r); err != nil {
		p.tb.Fatalf("--json: %v\n%s", err, p.stdout.String())
	}
	return r
}

// run runs rung to its end, and wants it to exit 0.
func run(tb testing.TB, url, dir string, args ...string) *process {
	tb.Helper()
	return start(tb, url, dir, args...).must(0)
}

// files makes a directory of migrations.
func files(tb testing.TB, content map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range content {
		write(tb, dir, name, text)
	}
	return dir
}

func write(tb testing.TB, dir, name, text string) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// eventually waits until something is so.
func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			tb.Fatalf("never: %s", what)
		}
	}
}
