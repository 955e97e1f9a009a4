//go:build unix

package sandbox

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"unsafe"
)

// Run runs a command with Env(db) in its environment, in place of all PG*
// variables that are there, and returns its exit status as a shell would: 127
// for a command that is not there, 126 for one that cannot be run, 128 plus the
// number of the signal that ended it. The error is nil whenever the command ran.
//
// Signals to this process go to the command, and Run returns when that has
// ended; so the caller must not end at a signal of its own accord meanwhile.
func (s *Server) Run(db string, cmd *exec.Cmd) (status int, err error) {
	cmd.Env = append(withoutPG(cmd.Environ()), s.Env(db)...)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP,
		syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(signals)

	if err := cmd.Start(); err != nil {
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, exec.ErrNotFound) {
			return 127, err
		}
		return 126, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			if !fromTerminal(sig) {
				_ = cmd.Process.Signal(sig) // it may just have ended
			}
		case err := <-done:
			return exitStatus(err)
		}
	}
}

// fromTerminal reports whether the terminal has sent the signal, and thus to the
// command as well: a second one is more than many programs take kindly.
func fromTerminal(sig os.Signal) bool {
	if sig != syscall.SIGINT && sig != syscall.SIGQUIT && sig != syscall.SIGHUP {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer tty.Close()
	var foreground int32
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, tty.Fd(), syscall.TIOCGPGRP,
		uintptr(unsafe.Pointer(&foreground)))
	return errno == 0 && int(foreground) == syscall.Getpgrp()
}

func exitStatus(err error) (int, error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if err != nil {
			return 1, err
		}
		return 0, nil
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal()), nil
	}
	return exit.ExitCode(), nil
}

func withoutPG(env []string) []string {
	var kept []string
	for _, e := range env {
		if !strings.HasPrefix(e, "PG") {
			kept = append(kept, e)
		}
	}
	return kept
}
