package importer

import "rung/runner"

// Pair is one migration.
type Pair struct {
	// Version is in digits, as the tool records it where it records digits.
	Version string
	Name    string
	// Was is what the tool calls the version, where that is not Version.
	Was string
	// Sources are the files that it comes from, as paths below the directory.
	Sources []string
	Up      *Text
	// Down is nil where the tool has none, or an empty one. One of comments alone
	// says that it cannot be reverted.
	Down         *Text
	Irreversible bool
}

// Result is a directory as pairs.
type Result struct {
	Tool string
	// Pairs are in order of version.
	Pairs []Pair
	// Notes are what did not come along, or not as it was.
	Notes []runner.Problem
}
