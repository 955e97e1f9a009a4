package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/internal/pgurl"
	"rung/internal/sandbox"
	"rung/proof"
	"rung/runner"
	"rung/templates"
)

// fromTemplate writes the pairs of a template, after those in the directory.
func (t *terminal) fromTemplate(c *ucli.Context, name string) ([]newFile, error) {
	set, err := loadTemplates(c)
	if err != nil {
		return nil, err
	}
	tm, err := set.Find(c.String("template"))
	if err != nil {
		return nil, err
	}
	params, err := t.templateParams(c)
	if err != nil {
		return nil, err
	}
	in := &templates.Input{Name: name, Params: params}
	asks := t.canAsk()
	if asks {
		in.Ask = t.confirm
	}
	asks = asks && !c.IsSet("set") && !c.IsSet("params") && len(tm.Params) > 0
	if d, _ := loadDirectories(c); d != nil { // the first migration makes the directory
		in.Written, err = writtenIn(d)
	}
	if err != nil {
		return nil, err
	}
	var pairs []templates.File
	err = t.withSchema(c, func(ctx context.Context, conn *sql.Conn) error {
		if conn != nil {
			in.DB = &templates.Catalog{Conn: conn, Throwaway: !t.databaseTyped}
		}
		if asks {
			if in.Params, err = t.askParams(ctx, tm, in.DB); err != nil {
				return err
			}
			t.note("the same without a question: " + tm.Command(name, in.Params))
		}
		pairs, err = set.Expand(ctx, c.String("template"), in)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, line := range in.Report {
		t.note(line)
	}
	return numbered(c, name, pairs)
}

// withSchema hands f a database with the schema to look at: nothing when
// offline, the one of --database-url when that was typed, and otherwise a
// sandbox that the directory has brought to its head.
func (t *terminal) withSchema(c *ucli.Context, f func(context.Context, *sql.Conn) error) error {
	if c.Bool("offline") {
		return f(c.Context, nil)
	}
	if t.databaseTyped {
		cfg, err := connConfig(c)
		if err != nil {
			return err
		}
		return look(c.Context, cfg, func(ctx context.Context, conn *sql.Conn) error {
			if err := setRole(ctx, conn, c.String("role")); err != nil {
				return err
			}
			return f(ctx, conn)
		})
	}
	scratch, err := scratchFlag(c)
	if err != nil {
		return err
	}
	if scratch != nil {
		return t.onScratch(c, scratch, f)
	}
	kept := keptAt(c)
	if kept.there() {
		s, err := sandbox.Start(c.Context, sandbox.Config{Kept: kept.dir})
		if err == nil {
			defer s.Stop() //nolint:errcheck // the watchdog removes what Stop cannot
			cfg, err := pgurl.Parse(s.URL(""), pgurl.Source{})
			if err != nil {
				return err
			}
			return look(c.Context, cfg, f)
		}
		os.RemoveAll(kept.dir) // it is of no use, whatever the reason
	}
	server, err := sandbox.Start(c.Context, sandbox.Config{})
	if err != nil {
		return err
	}
	s, err := proof.ScratchOf(c.Context, server)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // the watchdog removes what Close cannot
	cfg, err := pgurl.Parse(server.URL(""), pgurl.Source{})
	if err != nil {
		return err
	}
	if err := t.atHead(c, s, cfg); err != nil {
		return err
	}
	defer kept.keep(c.Context, server)
	return look(c.Context, cfg, counted(f))
}

// onScratch hands f a database that was made on somebody's server, and brought to the
// head of the directory: one with extensions that a sandbox lacks.
func (t *terminal) onScratch(c *ucli.Context, server *pq.Config, f func(context.Context, *sql.Conn) error) (err error) {
	s, err := proof.OpenScratch(c.Context, proof.ScratchConfig{Conn: server})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d, err := s.Create(c.Context)
	if err != nil {
		return err
	}
	if err := t.atHead(c, s, d.Conn); err != nil {
		return err
	}
	return look(c.Context, d.Conn, counted(f))
}

// look hands f a connection.
func look(ctx context.Context, cfg pq.Config, f func(context.Context, *sql.Conn) error) error {
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return &runner.UnreachableError{Err: err}
	}
	defer conn.Close()
	return f(ctx, conn)
}

// counted is f after an ANALYZE, for a database whose rows nobody has counted.
func counted(f func(context.Context, *sql.Conn) error) func(context.Context, *sql.Conn) error {
	return func(ctx context.Context, conn *sql.Conn) error {
		// Where it fails, as at the function of an index, the numbers of rows are the
		// server's guess.
		_, _ = conn.ExecContext(ctx, "ANALYZE")
		return f(ctx, conn)
	}
}

// setRole works as a role, of a database that has it; none is the role that connected.
func setRole(ctx context.Context, conn *sql.Conn, role string) error {
	if role == "" {
		return nil
	}
	_, err := conn.ExecContext(ctx, "SET ROLE "+pq.QuoteIdentifier(role))
	return err
}

// atHead brings an empty database of a scratch server to the head of the directory.
func (t *terminal) atHead(c *ucli.Context, s *proof.Scratch, cfg pq.Config) error {
	d, err := loadDirectories(c)
	var bad *runner.BadFilesError
	if _, gone := os.Stat(directories(c)[0]); errors.As(err, &bad) && errors.Is(gone, fs.ErrNotExist) {
		return nil // the first migration makes the directory
	}
	if err != nil || len(d.Migrations) == 0 {
		return err
	}
	r, err := runner.New(runner.Config{Conn: cfg, Dir: d, HistorySchema: c.String("history-schema"), Version: version()})
	if err != nil {
		return err
	}
	err = s.WithLacking(c.Context, t.note, func() error {
		_, err := r.Up(c.Context, runner.UpRequest{Request: runner.Request{Inline: true}})
		return err
	})
	if err != nil {
		return fmt.Errorf("bring a throwaway database to the head of %s: %w", d.Label, err)
	}
	return nil
}

// numbered gives each pair the next version.
func numbered(c *ucli.Context, name string, pairs []templates.File) ([]newFile, error) {
	var files []newFile
	taken := ""
	var versions []string
	for _, p := range pairs {
		full := name
		if p.Suffix != "" {
			full += "_" + p.Suffix
		}
		two, digits, err := newPair(c, full, taken)
		if err != nil {
			return nil, err
		}
		taken = digits
		two[0].Text, two[1].Text = p.UpText(versions), p.Down
		versions = append(versions, digits)
		files = append(files, two...)
	}
	return files, nil
}
