package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/events"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

// terminal is where everything is printed, in the form that the global flags
// ask for.
type terminal struct {
	in io.Reader
	// out and err hide passwords, and write out what is not seen.
	out, err show.Guarded
	// raw is stdout for what is printed as it is.
	raw *show.Outlet
	// streams are stdout and stderr as they were given; colors say of each
	// whether it is coloured.
	streams [2]io.Writer
	colors  [2]bool
	json    bool // results as one object
	logJSON bool // progress and errors as JSON lines
	quiet   bool
	verbose bool
	live    show.Live // the line that is drawn while it works
	beat    events.Beat
	batch   runner.BatchDone // the last one
	// databaseTyped is true when --database-url stands on the command line,
	// and not in the environment alone.
	databaseTyped bool
	// object is what --json prints in the end, also beside an error.
	object jsonObject
	// waited is true where --wait was given.
	waited bool
	// warnings are about files of the directory, once it is loaded.
	warnings []runner.Problem
	skipped  []runner.Problem // the ignored files among them
	// directory is what was loaded last.
	directory *runner.Directory
	// titles is how wide the column of its migrations is.
	titles int
	// problems are what is wrong with its files.
	problems []runner.Problem
	// metrics are written to a file; nil for none.
	metrics *metrics
	// member is the target that it prints for, one of a fleet; or nil.
	member *member
	// scopes are what the history has of the schemas that are targets, by name.
	scopes map[string]runner.SchemaState
	// sessions are shared by the schemas that are targets; nil for databases.
	sessions *runner.Sessions
	// schemaNames are those of all schemas of their database.
	schemaNames []string
}

func newTerminal(in io.Reader, out, err io.Writer) *terminal {
	t := &terminal{in: in, raw: show.NewOutlet(out), streams: [2]io.Writer{out, err}, live: show.NewLive(err)}
	t.out, t.err = show.NewGuarded(t.raw, &t.colors[0]), show.NewGuarded(err, &t.colors[1])
	return t
}

// guess finds, for errors that come before the flags are parsed, how to print.
func (t *terminal) guess(args []string) {
	fromEnv, _ := strconv.ParseBool(os.Getenv(cmdline.Variable("", "json")))
	t.json = slices.Contains(args, "--json") || fromEnv
	format := os.Getenv(cmdline.Variable("", "log-format"))
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--log-format="); ok {
			format = value
		} else if arg == "--log-format" && i+1 < len(args) {
			format = args[i+1]
		}
	}
	t.logJSON = format == "json"
}

// configure reads the flags that say how to print, before any command runs.
func (t *terminal) configure(c *ucli.Context) error {
	t.json, t.quiet, t.verbose = c.Bool("json"), c.Bool("quiet"), c.Bool("verbose")
	switch f := c.String("log-format"); f {
	case "text", "json":
		t.logJSON = f == "json"
	default:
		return fault.Usagef("use text or json", "there is no log format %q", f)
	}
	for i, w := range t.streams {
		on, known := show.Colored(c.String("color"), w)
		if !known {
			return fault.Usagef("use auto, always or never", "there is no color %q", c.String("color"))
		}
		// An object and a line of a log are read by programs.
		t.colors[i] = on && !t.json && !(t.logJSON && i == 1)
	}
	return mustNameDirectories(c)
}

// say prints a line of the result, unless --json will print it all at once.
func (t *terminal) say(format string, args ...any) {
	if !t.json {
		t.live.Clear()
		fmt.Fprintln(t.out, show.Text(format, args...))
	}
}

// sayRaw is say for what nothing may be hidden in, or it would be of no use.
func (t *terminal) sayRaw(text string) {
	if !t.json {
		fmt.Fprintln(t.raw, text)
	}
}

// sayTable prints rows of columns, the first row its head.
func (t *terminal) sayTable(rows [][]string) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = show.Visible(cell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	w.Flush()
	for line := range strings.Lines(b.String()) {
		t.say("%s", strings.TrimRight(line, " \n"))
	}
}

// finish prints the object of --json, when the command succeeded.
func (t *terminal) finish(o jsonObject) error {
	o.setError(nil)
	t.object = o
	if !t.json {
		return nil
	}
	return t.printObject()
}

func (t *terminal) printObject() error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(t.object)
}

// failWith keeps what is known of the result for --json and passes the error on.
func (t *terminal) failWith(o jsonObject, err error) error {
	if err == nil {
		return t.finish(o)
	}
	t.object = o
	return err
}

// fail prints an error, once, at the end.
func (t *terminal) fail(err error) {
	t.live.Clear()
	described := fault.Describe(err)
	if t.waited && described.Hint == fault.ServerHint {
		described.Hint = "check that the server is running and the address is right"
	}
	if t.json {
		if t.object == nil {
			t.object = &jsonResult{}
		}
		t.object.setError(&described)
		_ = t.printObject() // stdout is gone: the exit code still tells
	}
	t.sayError(described)
}

// sayError prints an error to stderr.
func (t *terminal) sayError(described fault.Description) {
	if t.logJSON {
		t.logger(slog.LevelInfo).Error(described.Message, "event", "error", "data", described)
		return
	}
	fmt.Fprint(t.err, fault.Text(described))
}

// logger writes lines of JSON to stderr, those of a fleet with their target.
func (t *terminal) logger(least slog.Level) *slog.Logger {
	log := slog.New(slog.NewJSONHandler(t.err, &slog.HandlerOptions{Level: least}))
	if t.member != nil {
		log = log.With("target", t.member.Name)
	}
	return log
}

// note prints what a person should know of the result: for a log a line of its own.
func (t *terminal) note(line string) {
	switch {
	case t.quiet:
	case t.logJSON:
		t.logger(slog.LevelInfo).Info(line, "event", "note", "data", struct{}{})
	default:
		fmt.Fprintln(t.err, show.Visible(line))
	}
}

// orLost is the error of a command that ended with err, or else that its result
// could not be written.
func (t *terminal) orLost(err error) error {
	lost := t.raw.Err
	if lost == nil || err != nil && !errors.Is(err, lost) {
		return err
	}
	return &runner.HintedError{Err: writeError("the result to stdout", lost), Hint: "what the command did is not undone"}
}
