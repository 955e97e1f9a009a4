//go:build !linux

package pgtest

// memory is a directory in memory for the servers' files: none that is known.
func memory() string { return "" }
