//go:build unix

// Package ward keeps a directory, and the processes that work in it, that must
// not outlive the process that made them, however that one ends: by Close, by
// a panic, or by SIGKILL, after which nobody is left to clean up.
//
// The means is a watchdog: a shell that reads from a pipe whose other end only
// this process holds. When the pipe closes, for whichever reason, the watchdog
// ends the processes and removes the directory. Close does no more than close
// the pipe and wait, so the path that only a crash would take is the one that
// every run takes.
package ward

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	_ "embed"
)

//go:embed watchdog.sh
var watchdogScript string

// Ward is a directory and the processes that work in it.
type Ward struct {
	// Dir is owned by the user that Command's processes run as.
	Dir string

	owner    *syscall.Credential // nil: our own user
	watchdog *exec.Cmd           // leads the process group of all that Command makes
	lifeline io.Closer           // our end of the watchdog's pipe
	close    func() error
}

// New makes a directory whose name starts with prefix. The watchdog, before it
// removes the directory, waits for the process named in the first line of the
// file pidfile, a path below the directory; an empty pidfile means no wait.
//
// PostgreSQL's servers and PgBouncer refuse to run as root. So where we are
// root, directory and processes belong to the user postgres, or else nobody.
func New(prefix, pidfile string) (*Ward, error) {
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := makeDir(prefix, owner)
	if err != nil {
		return nil, err
	}
	w := &Ward{Dir: dir, owner: owner}
	w.close = sync.OnceValue(w.closeOnce)
	if err := w.startWatchdog(pidfile); err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("start the watchdog: %w", err)
	}
	return w, nil
}

func (w *Ward) startWatchdog(pidfile string) error {
	w.watchdog = exec.Command("/bin/sh", "-c", watchdogScript, "rung-watchdog", w.Dir, pidfile)
	w.watchdog.Dir = "/"
	// A group of its own: a Ctrl-C in the terminal is for us, and we decide
	// when the others go.
	w.watchdog.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	lifeline, err := w.watchdog.StdinPipe()
	if err != nil {
		return err
	}
	w.lifeline = lifeline
	return w.watchdog.Start()
}

// Command is a process of the ward: in its directory, as its user, in its
// process group, and without PG* variables and locale of ours, which would
// change what the PostgreSQL programs do and say.
func (w *Ward) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = w.Dir
	cmd.Env = append(cleanEnv(os.Environ()), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid: true, Pgid: w.watchdog.Process.Pid, Credential: w.owner,
	}
	return cmd
}

// Helper runs a command of the ward to its end and returns its output. Where it
// must be broken off, it is killed first, and alone: the servers that initdb
// runs one after the other remove their shared memory when they see the end of
// their input, but not when a signal ends them.
func (w *Ward) Helper(ctx context.Context, name string, args ...string) (string, error) {
	script := `echo $$ >helper.pid && exec "$@"`
	cmd := w.Command(ctx, "/bin/sh", append([]string{"-c", script, "rung-helper", name}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), err // children may be left; Close waits for them
	}
	return string(out), os.Remove(filepath.Join(w.Dir, "helper.pid"))
}

// WriteFile writes a file of the directory that only the ward's user can read.
func (w *Ward) WriteFile(name, content string) (path string, err error) {
	path = filepath.Join(w.Dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return "", err
	}
	return path, chown(path, w.owner)
}

// Close ends the processes and removes the directory. It may be called again.
func (w *Ward) Close() error { return w.close() }

func (w *Ward) closeOnce() error {
	_ = w.lifeline.Close()
	// The last thing the watchdog does is to kill its whole group, and so
	// itself; its exit status therefore says nothing. The directory does.
	_ = w.watchdog.Wait()
	if _, err := os.Lstat(w.Dir); os.IsNotExist(err) {
		return nil
	}
	return os.RemoveAll(w.Dir)
}

// unprivileged is the user to run as where we are root; otherwise nil.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

// makeDir makes the directory in the first place that its owner can reach:
// root's TMPDIR may well lie below a directory that is closed to others.
func makeDir(prefix string, owner *syscall.Credential) (string, error) {
	places := []string{os.TempDir()}
	if owner != nil {
		places = append(places, "/tmp", "/var/tmp")
	}
	var firstErr error
	for _, place := range places {
		dir, err := makeDirIn(place, prefix, owner)
		if err == nil {
			return dir, nil
		}
		if firstErr == nil {
			firstErr = err
		}
	}
	return "", firstErr
}

func makeDirIn(place, prefix string, owner *syscall.Credential) (string, error) {
	place, err := filepath.Abs(place)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(place, prefix)
	if err != nil || owner == nil {
		return dir, err
	}
	if err = chown(dir, owner); err == nil {
		// Entering it is the test that knows of all parents, groups and ACLs.
		probe := exec.Command("/bin/sh", "-c", ":")
		probe.Dir = dir
		probe.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
		err = probe.Run()
	}
	if err != nil {
		_ = os.Remove(dir)
		return "", fmt.Errorf("a directory for user id %d in %s: %w", owner.Uid, place, err)
	}
	return dir, nil
}

func chown(path string, owner *syscall.Credential) error {
	if owner == nil {
		return nil
	}
	return os.Chown(path, int(owner.Uid), int(owner.Gid))
}

func cleanEnv(env []string) []string {
	var clean []string
	for _, e := range env {
		if !strings.HasPrefix(e, "PG") && !strings.HasPrefix(e, "LC_") && !strings.HasPrefix(e, "LANG") {
			clean = append(clean, e)
		}
	}
	return clean
}
