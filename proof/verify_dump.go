package proof

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/runner"
)

// restrictKey is the random key that pg_dump guards its output with.
var restrictKey = lazyre.New(`(?m)^\\(un)?restrict .*\n\n?`)

// dumps is the difference between pg_dump's text of the walk, which is as it
// was before the up, and of the trial after its down.
func (t *trial) dumps(ctx context.Context) (string, error) {
	if err := t.advance(ctx, t.i); err != nil {
		return "", err
	}
	before, err := t.scratch.Dump(ctx, t.walk, t.hidden())
	if err != nil {
		return "", err
	}
	after, err := t.scratch.Dump(ctx, t.trial, t.hidden())
	return udiff.Unified("before the up", "after the down", before, after), err
}

// Dump is a database's schema as pg_dump prints it.
func (s *Scratch) Dump(ctx context.Context, d *Database, hidden []string) (string, error) {
	program, err := s.Program("pg_dump")
	if err != nil {
		return "", &runner.RefusalError{Reason: "--dump needs pg_dump, which is not in the PATH", Hint: "install PostgreSQL's client programs (postgresql-client)"}
	}
	args := []string{"--schema-only", "--no-password"}
	for _, schema := range hidden {
		args = append(args, "--exclude-schema="+pq.QuoteIdentifier(schema))
	}
	cmd := exec.CommandContext(ctx, program, args...)
	// The password goes by the environment, so that no process list shows it.
	cmd.Env = append(os.Environ(), libpqEnv(d.Conn)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("pg_dump of a scratch database: %w: %s", err, strings.TrimSpace(errs.String()))
	}
	return restrictKey.ReplaceAllString(out.String(), ""), nil
}

// libpqEnv says in libpq's variables what the driver's configuration says.
func libpqEnv(cfg pq.Config) []string {
	host := cfg.Host
	if cfg.Hostaddr.IsValid() {
		host = cfg.Hostaddr.String()
	}
	env := []string{"PGHOST=" + host, "PGPORT=" + strconv.Itoa(int(cfg.Port)), "PGUSER=" + cfg.User, "PGDATABASE=" + cfg.Database}
	if cfg.Password != "" {
		env = append(env, "PGPASSWORD="+cfg.Password)
	}
	if cfg.SSLMode != "" {
		env = append(env, "PGSSLMODE="+string(cfg.SSLMode))
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() && cfg.SSLMode == "" {
		env = append(env, "PGSSLMODE=disable")
	}
	return env
}
