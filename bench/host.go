package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// A host is what a reader must know of the place to make sense of the numbers.
type host struct {
	cpu, system, load string
	cores             int
	postgres, files   string // its version, and where its files are if not on a disk
	direct, link      string // round trips, as measured
}

func describeHost(ctx context.Context, s *server) (host, error) {
	h := host{
		cpu: cpuModel(), cores: runtime.NumCPU(), load: loadAverage(),
		system: runtime.GOOS + "/" + runtime.GOARCH, postgres: s.Version.String(),
	}
	if strings.HasPrefix(s.Dir, memory) {
		h.files = ", its files in memory (" + memory + ")"
	}
	direct, err := roundTrip(ctx, s.URL("postgres"))
	if err != nil {
		return h, fmt.Errorf("round trip: %w", err)
	}
	url, err := s.link.url("postgres")
	if err != nil {
		return h, err
	}
	link, err := roundTrip(ctx, url)
	if err != nil {
		return h, fmt.Errorf("round trip over the link: %w", err)
	}
	h.direct, h.link = seconds(direct), seconds(link)
	return h, nil
}

// cpuModel is only known on Linux; elsewhere the architecture must do.
func cpuModel() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown CPU"
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		if strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// loadAverage reports whether the machine had other work when the bench began.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
