// Command bench runs rung and the tools that people use today on the same SQL,
// side by side, and writes the table that the README quotes. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the whole program but for its exit. Progress goes to stderr, the
// report to stdout. It returns 1 if any tool failed, 2 for bad flags.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	start := time.Now()
	progress := func(format string, args ...any) {
		fmt.Fprintf(stderr, "%5.0f s  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	}
	if err := benchmark(ctx, opts, stdout, progress); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// benchmark gets everything ready, measures, and reports.
func benchmark(ctx context.Context, opts options, stdout io.Writer, progress func(string, ...any)) (err error) {
	b := &bench{tools: opts.tools, runs: opts.runs, progress: progress}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(ctx, opts); err != nil {
		return err
	}
	if opts.trying() {
		r, err := b.tryAll(ctx, opts)
		if err != nil {
			return err
		}
		return publish(r, opts.out, stdout)
	}
	r, err := b.all(ctx, opts)
	if err != nil {
		return err
	}
	return publish(r, opts.out, stdout)
}

// open installs the tools and starts the server.
func (b *bench) open(ctx context.Context, opts options) error {
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	if b.server, err = startServer(ctx, opts.parent(), opts.settings()); err != nil {
		return err
	}
	env := installEnv{
		ctx: ctx, root: root, dir: filepath.Join(root, "bench", ".tools"),
		pgBin: b.server.BinDir, progress: b.progress,
	}
	if b.binaries, err = installAll(env, b.tools); err != nil {
		return err
	}
	parent := filepath.Join(root, "bench", ".work")
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	b.workDir, err = os.MkdirTemp(parent, "run-")
	return err
}

func (b *bench) close() error {
	var errs []error
	if b.server != nil {
		errs = append(errs, b.server.stop())
	}
	if b.workDir != "" {
		errs = append(errs, os.RemoveAll(b.workDir))
	}
	return errors.Join(errs...)
}

// moduleRoot is where the tools are built from and kept, wherever in the
// checkout the bench is started.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	root, ok := strings.CutPrefix(strings.TrimSpace(string(out)), "rung ")
	if !ok {
		return "", errors.New("not started within rung's checkout")
	}
	return root, nil
}
