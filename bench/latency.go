package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// readLatencies reads pgbench's logs, for the transactions that were due
// between start and end.
func readLatencies(files []string, start, end time.Time) (all []time.Duration, err error) {
	for _, name := range files {
		if all, err = appendLatencies(all, name, start, end); err != nil {
			return nil, err
		}
	}
	if len(all) == 0 {
		return nil, errors.New("pgbench's log holds no transaction of that time")
	}
	return all, nil
}

func appendLatencies(all []time.Duration, name string, start, end time.Time) ([]time.Duration, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		latency, done, err := parseLogLine(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if due := done.Add(-latency); due.After(start) && due.Before(end) {
			all = append(all, latency)
		}
	}
	return all, lines.Err()
}

// parseLogLine reads "client transaction latency script seconds microseconds
// lag": with a rate the latency is from when the transaction was due.
func parseLogLine(line string) (latency time.Duration, done time.Time, err error) {
	fields := strings.Fields(line)
	if len(fields) < 6 {
		return 0, done, fmt.Errorf("not a line of pgbench's log: %q", line)
	}
	var n [3]int64
	for i, at := range []int{2, 4, 5} {
		if n[i], err = strconv.ParseInt(fields[at], 10, 64); err != nil {
			return 0, done, fmt.Errorf("not a line of pgbench's log: %q", line)
		}
	}
	return time.Duration(n[0]) * time.Microsecond, time.Unix(n[1], n[2]*1000), nil
}

// percentile is of values in order: the least that so large a share does not exceed.
func percentile(sorted []time.Duration, share float64) time.Duration {
	at := int(share*float64(len(sorted))+0.9999999) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}
