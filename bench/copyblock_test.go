package main

import (
	"strings"
	"testing"
)

func TestCopyBlock(t *testing.T) {
	var file strings.Builder
	block := &copyBlock{bytes: 10_000}
	if err := block.stream(&file); err != nil {
		t.Fatal(err)
	}
	data, ok := strings.CutPrefix(file.String(), copyHead)
	if !ok {
		t.Fatal("the head is missing")
	}
	data, ok = strings.CutSuffix(data, "\\.\n")
	if !ok {
		t.Fatal("the end is missing")
	}
	if rows := int64(strings.Count(data, "\n")); rows != block.rows {
		t.Errorf("%d lines, but %d rows", rows, block.rows)
	}
	if len(data) < 10_000 || len(data) > 10_200 {
		t.Errorf("%d bytes of data", len(data))
	}
	if columns := strings.Count(strings.SplitN(data, "\n", 2)[0], "\t"); columns != 2 {
		t.Errorf("%d tabs in a line", columns)
	}
}
