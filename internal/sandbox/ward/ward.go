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
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// New makes a directory whose name starts with prefix, in parent or, where that
// is empty, in the system's place for temporary files. The watchdog, before it
// removes the directory, waits for the process named in the first line of the
// file pidfile, a path below the directory; an empty pidfile means no wait.
//
// PostgreSQL's servers and PgBouncer refuse to run as root. So where we are
// root, directory and processes belong to the user postgres, or else nobody.
func New(parent, prefix, pidfile string) (*Ward, error) {
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	places := []string{parent}
	switch {
	case parent != "":
	case owner == nil:
		places = []string{os.TempDir()}
	default:
		// Root's TMPDIR may well lie below a directory that is closed to others.
		places = []string{os.TempDir(), "/tmp", "/var/tmp"}
	}
	var firstErr error
	for _, place := range places {
		w, err := newIn(place, prefix, pidfile, owner)
		if err == nil {
			return w, nil
		}
		if firstErr == nil {
			firstErr = err
		}
	}
	return nil, firstErr
}

func newIn(place, prefix, pidfile string, owner *syscall.Credential) (*Ward, error) {
	place, err := filepath.Abs(place)
	if err != nil {
		return nil, err
	}
	w := &Ward{Dir: filepath.Join(place, prefix+strings.ToLower(rand.Text()[:10])), owner: owner}
	w.close = sync.OnceValue(w.closeOnce)
	if err := w.startWatchdog(pidfile); err != nil {
		return nil, fmt.Errorf("make a directory in %s: %w", place, err)
	}
	if err := w.handOver(); err != nil {
		_ = w.Close()
		return nil, fmt.Errorf("a directory in %s for the user id %d: %w", place, owner.Uid, err)
	}
	return w, nil
}

// startWatchdog returns when the watchdog has made the directory.
func (w *Ward) startWatchdog(pidfile string) error {
	w.watchdog = exec.Command("/bin/sh", "-c", watchdogScript, "rung-watchdog", w.Dir, pidfile)
	w.watchdog.Dir = "/"
	// A group of its own: a Ctrl-C in the terminal is for us, and we decide
	// when the others go.
	w.watchdog.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stderr strings.Builder
	w.watchdog.Stderr = &stderr
	lifeline, err := w.watchdog.StdinPipe()
	if err != nil {
		return err
	}
	w.lifeline = lifeline
	word, err := w.watchdog.StdoutPipe()
	if err != nil {
		return err
	}
	if err := w.watchdog.Start(); err != nil {
		return err
	}
	if _, err := bufio.NewReader(word).ReadString('\n'); err != nil {
		_ = w.watchdog.Wait()
		return errors.New(strings.TrimSpace(stderr.String()))
	}
	return nil
}

// handOver gives the directory to its owner, and tries whether that one can
// enter it: only this test knows of all parents, groups and access lists.
func (w *Ward) handOver() error {
	if w.owner == nil {
		return nil
	}
	if err := chown(w.Dir, w.owner); err != nil {
		return err
	}
	return w.Command(context.Background(), "/bin/sh", "-c", ":").Run()
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

// Adopt gives a tree below the directory to the user that Command's processes run as.
func (w *Ward) Adopt(path string) error {
	if w.owner == nil {
		return nil
	}
	return filepath.WalkDir(path, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return chown(path, w.owner)
	})
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
