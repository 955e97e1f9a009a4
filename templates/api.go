package templates

import (
	"rung/templates/internal/catalog"
	"rung/templates/internal/contract"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// What callers see of the packages below.
type (
	// Input is what a template works from.
	Input = task.Input
	// Catalog asks a database about its schema.
	Catalog = catalog.Catalog
	// Written is an up file of the directory, for a template that continues another.
	Written = task.Written
	// Mistake is input that a template cannot work with, and the fix.
	Mistake = mistake.Mistake
)

// Contracts are the versions, of files that are all applied, whose contract is still to
// be written: the last of each that a template wrote.
func Contracts(applied, all []Written) []string { return contract.Contracts(applied, all) }

// Several reports whether a parameter that is given several times is all of them
// together: it is a list or a map.
func Several(name string) bool { return words.Several(name) }

// Join puts a parameter's parts together.
func Join(name, before, after string) string { return words.Join(name, before, after) }

// List is a parameter that was given as a list.
func List(name string, items []string) (string, error) { return words.List(name, items) }

// Map is a parameter that was given as a map.
func Map(name string, pairs [][2]string) (string, error) { return words.Map(name, pairs) }
