// Package shared holds the bodies that several templates have in common, and the data
// that they see.
package shared

import (
	"embed"
)

// Follow is a trigger by which one column of each pair follows the other. No
// type is named in it, so that it needs no right on one.
type Follow struct{ Table, Function, Trigger, Quote, Body string }

// Bodies holds what all templates may use.
//
//go:embed sql/*.sql
var Bodies embed.FS
