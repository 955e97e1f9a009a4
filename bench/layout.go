package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// A migration is one step up and its way back, in SQL that every tool can run.
type migration struct {
	version  int
	up, down string
}

// A layout gives the files that one tool wants for a migration: name and content.
type layout func(m migration) map[string]string

// migrationName is the same for all tools; only what follows it differs.
func migrationName(version int) string {
	return fmt.Sprintf("%06d_bench", version)
}

// pairLayout is that of golang-migrate and of rung: two files of plain SQL.
func pairLayout(m migration) map[string]string {
	return map[string]string{
		migrationName(m.version) + ".up.sql":   m.up,
		migrationName(m.version) + ".down.sql": m.down,
	}
}

func gooseLayout(m migration) map[string]string {
	return oneFile(m, "-- +goose Up\n"+m.up+"\n-- +goose Down\n"+m.down)
}

func dbmateLayout(m migration) map[string]string {
	return oneFile(m, "-- migrate:up\n"+m.up+"\n-- migrate:down\n"+m.down)
}

func ternLayout(m migration) map[string]string {
	return oneFile(m, m.up+"\n---- create above / drop below ----\n\n"+m.down)
}

func oneFile(m migration, content string) map[string]string {
	return map[string]string{migrationName(m.version) + ".sql": content}
}

func writeMigration(dir string, lay layout, m migration) error {
	for name, content := range lay(m) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
