package cli

import (
	"fmt"
	"log/slog"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/proof"
	"rung/runner"
)

// observeFlags are those of the commands that look at a plan on a scratch server.
func observeFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "scratch-url", Usage: "the `URL` of a server to make scratch databases on, in place of a throwaway one"},
	}
}

// scratchFlag reads --scratch-url; nil is a throwaway server.
func scratchFlag(c *ucli.Context) (*pq.Config, error) {
	url := c.String("scratch-url")
	if url == "" {
		return nil, nil
	}
	conn, err := configOf(url)
	if err != nil {
		return nil, fmt.Errorf("--scratch-url: %w", err)
	}
	return &conn, nil
}

// severityFlag reads a severity.
func severityFlag(flag, value string) (proof.Severity, error) {
	s, err := proof.ParseSeverity(value)
	if err != nil {
		return "", fault.Usagef("", "--%s: %w", flag, err)
	}
	return s, nil
}

// reviewRunner is how the files run on the scratch server.
func (t *terminal) reviewRunner(c *ucli.Context) runner.Config {
	return runner.Config{
		HistorySchema: c.String("history-schema"), Role: c.String("role"), LockTimeout: zeroIsNone(cmdline.GetDuration(c, "lock-timeout")),
		LockRetries: zeroIsNone(cmdline.GetNumber(c, "lock-retries")), LockWait: zeroIsNone(cmdline.GetDuration(c, "lock-wait")),
		StatementTimeout: cmdline.GetDuration(c, "statement-timeout"), Wait: cmdline.GetDuration(c, "wait"), Version: version(),
	}
}

// reviewProgress says which version is observed.
func (t *terminal) reviewProgress(p proof.ReviewProgress) {
	far := fmt.Sprintf("observed %d of %d versions", p.Done, p.Total)
	switch {
	case t.quiet:
	case t.logJSON && (t.verbose || t.beat.Due()):
		t.logger(slog.LevelInfo).Info(far, "event", "observing", "data", observingEvent(p))
	case t.logJSON:
	case t.live.Draws():
		t.live.Draw(func(width int) string { return show.Fitted(width, far, p.Title) })
	case t.verbose || t.beat.Due():
		fmt.Fprintln(t.err, show.Text("observing %s", p.Title))
	}
}

func observingEvent(p proof.ReviewProgress) map[string]any {
	return map[string]any{"version": p.Version, "done": p.Done, "of": p.Total}
}

// values are what pointers point at; never null in JSON.
func values[T any](pointers []*T) []T {
	all := []T{}
	for _, p := range pointers {
		all = append(all, *p)
	}
	return all
}
