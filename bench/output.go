package main

import (
	"fmt"
	"regexp"
	"strings"
)

// lineLimit keeps an error to one line of a terminal or of a table.
const lineLimit = 160

var errorWord = regexp.MustCompile(`(?i)\berr(or)?\b`)

// commandError is a failed command's error with its own word for it, if it had one.
func commandError(err error, output []byte) error {
	if line := tellingLine(output); line != "" {
		return fmt.Errorf("%w: %s", err, line)
	}
	return err
}

// tellingLine picks the one line of a failed command's output that most likely
// says why: the last that speaks of an error, else the last.
func tellingLine(output []byte) string {
	var last, telling string
	for line := range strings.Lines(string(output)) {
		line = strings.TrimSpace(line)
		if line != "" {
			last = line
		}
		if errorWord.MatchString(line) {
			telling = line
		}
	}
	if telling == "" {
		telling = last
	}
	if runes := []rune(telling); len(runes) > lineLimit {
		telling = string(runes[:lineLimit]) + "…"
	}
	return telling
}
