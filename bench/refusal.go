package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A refusal is a tool's own word that it cannot run a COPY block.
type refusal struct {
	tool, message string
}

// refusals gives a COPY block of a few rows to each tool that is said not to
// run them. "The others cannot" is thereby measured like all the rest; and the
// day one of them can, the bench fails until it is let in.
func (b *bench) refusals(ctx context.Context) ([]refusal, error) {
	var all []refusal
	for _, t := range b.tools {
		if t.copies {
			continue
		}
		message, err := b.refusal(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("%s with a COPY block: %w", t.name, err)
		}
		all = append(all, refusal{t.name, message})
	}
	return all, nil
}

func (b *bench) refusal(ctx context.Context, t tool) (message string, err error) {
	dir := filepath.Join(b.workDir, "refusal", t.name)
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	block := &copyBlock{bytes: 500}
	if err := writeSmallBlock(dir, t.layout, block); err != nil {
		return "", err
	}
	err = b.server.withDatabase(ctx, func(name string) error {
		_, runErr := b.runTool(ctx, t, dir, b.server.URL(name))
		if runErr == nil && b.server.check(ctx, name, block) == nil {
			return errors.New("it works: let it take part (copies: true)")
		}
		message = "it exits 0, but the rows are not there"
		if runErr != nil {
			message = runErr.Error()
		}
		return ctx.Err()
	})
	return message, err
}

// writeSmallBlock puts a block into the tool's own layout, in memory.
func writeSmallBlock(dir string, lay layout, block *copyBlock) error {
	var up strings.Builder
	if err := block.stream(&up); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return writeMigration(dir, lay, migration{version: 1, up: up.String(), down: copyDown})
}
