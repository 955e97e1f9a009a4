package shared

// Replacement is an index with the time in its condition, and the one with the flag.
type Replacement struct {
	Create                     string // CREATE INDEX or CREATE UNIQUE INDEX
	Old, New, OldFull, NewFull string
	Before, After              string // what follows the table
	Said                       string // its comment
	Former, FormerFull         string // where the old one stands once the new one has its name
}
