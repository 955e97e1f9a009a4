// Package pgdump runs pg_dump.
package pgdump

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"rung/internal/lazyre"
)

// Error is what pg_dump said when it failed.
type Error struct {
	Err  error // of the process
	Said string
}

func (e *Error) Error() string { return e.Err.Error() + ": " + e.Said }

func (e *Error) Unwrap() error { return e.Err }

// Schema is a database's schema as pg_dump prints it, the same for the same schema. The
// password goes by the environment, so that no process list shows it.
func Schema(ctx context.Context, program string, cfg pq.Config, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, append([]string{"--schema-only", "--no-password"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), environment(cfg)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", &Error{err, strings.TrimSpace(errs.String())}
	}
	return WithoutKey(out.String()), nil
}

// WithoutKey leaves out the random key that pg_dump guards its output with.
func WithoutKey(dump string) string { return restrictKey.ReplaceAllString(dump, "") }

var restrictKey = lazyre.New(`(?m)^\\(un)?restrict .*\n\n?`)

// environment says in libpq's variables what the driver's configuration says.
func environment(cfg pq.Config) []string {
	var hosts, addrs, ports []string
	named := false
	for _, m := range append([]pq.ConfigMultihost{{Host: cfg.Host, Hostaddr: cfg.Hostaddr, Port: cfg.Port}}, cfg.Multi...) {
		addr := ""
		if m.Hostaddr.IsValid() {
			addr, named = m.Hostaddr.String(), true
		}
		hosts, addrs, ports = append(hosts, m.Host), append(addrs, addr), append(ports, strconv.Itoa(int(m.Port)))
	}
	env := []string{
		"PGHOST=" + strings.Join(hosts, ","), "PGPORT=" + strings.Join(ports, ","), "PGUSER=" + cfg.User, "PGDATABASE=" + cfg.Database,
	}
	optional := map[string]string{
		"PGPASSWORD": cfg.Password, "PGPASSFILE": cfg.Passfile, "PGSSLMODE": string(cfg.SSLMode), "PGSSLCERT": cfg.SSLCert, "PGSSLKEY": cfg.SSLKey,
		"PGSSLROOTCERT": cfg.SSLRootCert, "PGOPTIONS": cfg.Options, "PGTARGETSESSIONATTRS": string(cfg.TargetSessionAttrs), "PGSSLNEGOTIATION": string(cfg.SSLNegotiation),
	}
	if named {
		optional["PGHOSTADDR"] = strings.Join(addrs, ",")
	}
	for name, value := range optional {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}
