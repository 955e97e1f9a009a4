package main

import (
	"fmt"
	"time"
)

// What was promised, in issue 2.
const (
	linkTarget     = 3200 * time.Millisecond
	linkIdleTarget = 100 * time.Millisecond
	memoryTarget   = 40_000_000 // bytes resident, while 1 GB goes through
)

// A target judges rung's row of a result against a promise. The promise is
// given in words; the numbers beside it are for the reader to check.
type target struct {
	promise string
	// compares: the promise is about the others too, so it can be judged only
	// if all of them have run.
	compares bool
	met      func(rung row, others []row) bool
}

func medianUnder(limit time.Duration) target {
	return target{
		promise: "at most " + seconds(limit),
		met:     func(rung row, _ []row) bool { return rung.median() <= limit },
	}
}

func notSlowerThan(name string) target {
	return target{
		promise:  "not slower than " + name,
		compares: true,
		met: func(rung row, others []row) bool {
			for _, other := range others {
				if other.tool == name && other.median() < rung.median() {
					return false
				}
			}
			return true
		},
	}
}

func notSlowerThanFastest() target {
	return target{
		promise:  "not slower than the fastest of the others",
		compares: true,
		met: func(rung row, others []row) bool {
			for _, other := range others {
				if other.median() < rung.median() {
					return false
				}
			}
			return true
		},
	}
}

func memoryUnder(limit int64) target {
	return target{
		promise: fmt.Sprintf("under %s resident", megabytes(limit)),
		met:     func(rung row, _ []row) bool { return rung.maxRSS() < limit },
	}
}
