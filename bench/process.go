package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// processLimit is far beyond what any tool needs: one that is still at work
// hangs, and a hanging tool has failed.
const processLimit = 15 * time.Minute

// A sample is what one run of a tool cost.
type sample struct {
	wall   time.Duration
	maxRSS int64 // bytes
	trips  int   // round trips over the link, where there is one
}

// measureProcess runs a command to its end. Its output goes to a file, so
// that reading it costs the bench nothing and a failure can be shown.
func measureProcess(ctx context.Context, workDir, file string, args []string) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, processLimit)
	defer cancel()

	output, err := os.Create(filepath.Join(workDir, "output.log"))
	if err != nil {
		return sample{}, err
	}
	defer output.Close()

	home, err := emptyHome(workDir)
	if err != nil {
		return sample{}, err
	}
	cmd := exec.CommandContext(ctx, file, args...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LC_ALL=C"}

	start := time.Now()
	err = cmd.Run()
	wall := time.Since(start)
	if err != nil {
		log, _ := os.ReadFile(output.Name())
		return sample{}, commandError(err, log)
	}
	return sample{wall: wall, maxRSS: maxRSS(cmd.ProcessState)}, nil
}

// emptyHome is where the tools run: several of them read a .env, a tern.conf
// or a .psqlrc if they find one, and all of them read the environment.
func emptyHome(workDir string) (string, error) {
	home := filepath.Join(workDir, "home")
	return home, os.MkdirAll(home, 0o755)
}

// maxRSS is the most memory that the process held at any time, as the kernel
// counted it. A process starts as a copy of the bench, whose own size is thus
// the least that can be seen here.
func maxRSS(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss) // bytes there, KiB elsewhere
	}
	return int64(usage.Maxrss) * 1024
}

// cpuTime is what this process and all those that it waited for, and they in
// their turn, have used of the processors.
func cpuTime() (all time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			all += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return all
}
