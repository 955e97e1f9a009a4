package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	someFiles, allFiles           = 1000, 8000
	quickSomeFiles, quickAllFiles = 50, 400
	// filesTarget is the most that a file of many may take, in files of few.
	filesTarget = 1.25
)

// manyFiles asks whether a file costs the same in a directory of eight times as
// many, up and down.
func (b *bench) manyFiles(ctx context.Context, opts options) ([]section, error) {
	sizes := []int{someFiles, allFiles}
	if opts.quick {
		sizes = []int{quickSomeFiles, quickAllFiles}
	}
	took := make([]map[string][]time.Duration, len(sizes))
	dirs := make([]string, len(sizes))
	for i, n := range sizes {
		took[i] = map[string][]time.Duration{}
		dirs[i] = filepath.Join(b.workDir, "files", strconv.Itoa(n))
		if err := tables(n).write(dirs[i], pairLayout); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dirs[i])
	}
	err := inTurns(b.runs, len(sizes), func(run, i int) error {
		return b.server.withDatabase(ctx, func(name string) error {
			url := b.server.URL(name)
			for _, direction := range []string{"up", "down"} {
				args := []string{"up", "--dir", dirs[i], "--database-url", url}
				left := tables(sizes[i])
				if direction == "down" {
					args, left = append([]string{"down", "--to", "0", "--yes"}, args[1:]...), 0
				}
				one, err := measureProcess(ctx, b.workDir, b.binaries["rung"].path, args)
				if err != nil {
					return err
				}
				if err := b.server.check(ctx, name, left); err != nil {
					return err
				}
				took[i][direction] = append(took[i][direction], one.wall)
				b.progress("files, run %d: %d files %s: %s", run+1, sizes[i], direction, seconds(one.wall))
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return []section{manyFilesSection(sizes, took)}, nil
}

func manyFilesSection(sizes []int, took []map[string][]time.Duration) section {
	s := section{
		title: fmt.Sprintf("%d files and %d", sizes[0], sizes[1]),
		note:  "Each file makes a table and an index; down drops the table.",
		head:  []string{"", "median", "a file"},
	}
	for _, direction := range []string{"up", "down"} {
		perFile := make([]time.Duration, len(sizes))
		for i, n := range sizes {
			all := median(took[i][direction])
			perFile[i] = all / time.Duration(n)
			s.lines = append(s.lines, []string{fmt.Sprintf("%s, %d files", direction, n), seconds(all), seconds(perFile[i])})
		}
		ratio := perFile[1].Seconds() / perFile[0].Seconds()
		s.promises = append(s.promises, promise{
			fmt.Sprintf("%s: a file of %d takes at most %.2f of the time of one of %d", direction, sizes[1], filesTarget, sizes[0]),
			ratio <= filesTarget, ratioText(ratio),
		})
	}
	return s
}
