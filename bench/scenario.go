package main

// A scenario is one question of the bench.
type scenario struct {
	name   string // for -only
	title  string
	corpus corpus
	link   bool // through the proxy that delays
	// idle: the corpus was applied before, and nothing is left to do.
	idle bool
	// repeat is how often the command runs in each database. Only idle runs
	// repeat: they are short, and so need more samples for a steady median.
	repeat int
	// copies: the corpus has a COPY block, which only some tools can run.
	copies bool
	target target
}

// takesPart: a reference is no runner of migrations, so it is asked only where
// most runners cannot follow.
func (s scenario) takesPart(t tool) bool {
	if s.copies {
		return t.copies
	}
	return !t.reference
}
