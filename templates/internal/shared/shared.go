// Package shared holds the bodies that several templates have in common, and the data
// that they see.
package shared

import (
	"embed"
	"fmt"

	"rung/internal/pgtext"
)

// Follow is a trigger by which one column of each pair follows the other. No
// type is named in it, so that it needs no right on one.
type Follow struct {
	Table, Function, Trigger, Quote string
	Pairs                           []FollowPair
}

// FollowPair is a pair of columns: To gets Value, which is worked out from From.
type FollowPair struct {
	From, To, Value string
	// Kept, where the down migration tells merged values apart, is the value of From that To stands for as
	// it is, and Cast what From is compared as: To stays while the two are the same.
	Kept, Cast string
	// Back is From's value by what To has, for a trigger that goes both ways.
	Back string
}

// Quoted gives the function's body a quote that does not occur in it.
func (f Follow) Quoted() Follow {
	f.Quote = pgtext.DollarTag("function", fmt.Sprint(f.Pairs))
	return f
}

// Bodies holds what all templates may use.
//
//go:embed sql/*.sql
var Bodies embed.FS
