package main

// A section is the answer to a trial, as it goes on paper.
type section struct {
	title    string
	note     string // above the table
	head     []string
	lines    [][]string
	promises []promise
}

// A promise is one that was kept or not, and the figure that says so.
type promise struct {
	what   string
	met    bool
	figure string
}
