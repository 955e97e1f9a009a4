// Package cli is rung's command line: flags in, text or JSON out.
//
// Policy for messages. Results go to stdout; progress, warnings and errors to
// stderr. A message starts in lower case and has no full stop; an error is
// "rung: " and one line that a person can act on, and what to do about it is a
// line of its own, "hint: ". Nothing is printed that holds a password.
package cli

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
)

// Run is the whole program: arguments in, exit code out.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// By itself Go ends a program that writes to a stdout or stderr nobody reads any
	// more, in the middle of a migration. So the signal is taken, and Write has the
	// error. It is not ignored: the programs that rung starts would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signals(context.Background())
	defer stop()
	return run(ctx, args, stdin, stdout, stderr)
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := newTerminal(stdin, stdout, stderr)
	app := newApp(t)
	if i := slices.Index(args, completing); i > 0 {
		return t.complete(app, args[1:i])
	}
	envErr := readDotenv(args)
	t.guess(args)
	t.databaseTyped = slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--database-url") })
	args, err := cmdline.FlagsFirst(app, args)
	if err = cmp.Or(envErr, err); err == nil {
		err = app.RunContext(ctx, args)
	}
	if err = t.orLost(err); err != nil {
		t.fail(err)
	}
	return fault.Code(err)
}

// signals ends the context at the first SIGINT, SIGTERM or SIGHUP: the last one
// comes when the terminal or the ssh session is gone, and is none where nohup has
// it ignored. After it they do what they always do, so a second one leaves at once.
func signals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(c, syscall.SIGHUP)
	}
	go func() {
		select {
		case sig := <-c:
			signal.Stop(c)
			cancel(&fault.SignalError{Sig: sig})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(c); cancel(nil) }
}

// newApp is the command line's shape; each command has a file of its own.
func newApp(t *terminal) *ucli.App {
	app := &ucli.App{
		Name:      "rung",
		Usage:     "apply a directory of SQL migrations to PostgreSQL, each exactly once",
		Flags:     globalFlags(),
		Writer:    t.out,
		ErrWriter: t.err,
		Suggest:   true,
		// A parameter's value may hold commas.
		DisableSliceFlagSeparator: true,
		HideHelpCommand:           true,
		HideVersion:               true,
		// Errors are printed once, in run, and end the process only in main.
		ExitErrHandler: func(*ucli.Context, error) {},
		OnUsageError:   cmdline.UsageError,
		Before:         t.configure,
		Action:         t.noCommand,
		Commands: []*ucli.Command{
			upCommand(t), downCommand(t), redoCommand(t), statusCommand(t), planCommand(t), validateCommand(t), verifyCommand(t), reviewCommand(t),
			newCommand(t), templatesCommand(t), baselineCommand(t), adoptCommand(t), repairCommand(t), historyCommand(t), waitCommand(t), dumpCommand(t),
			workCommand(t), pauseCommand(t), resumeCommand(t), tuneCommand(t),
			importCommand(t), sandboxCommand(t), topicCommand(t), completionCommand(t), manCommand(t), versionCommand(t),
		},
	}
	for _, c := range app.Commands {
		c.OnUsageError = cmdline.UsageError
		c.HideHelpCommand = true
		t.overFleet(c)
		for _, f := range c.Flags {
			cmdline.NameVariable(f, c.Name)
		}
	}
	return app
}

// noCommand is rung alone: the help, but no success, since a script that
// forgot the command must not go on. Among JSON lines it has no place.
func (t *terminal) noCommand(c *ucli.Context) error {
	if t.logJSON {
		return fault.Usagef("`rung --help` lists the commands", "no command is given")
	}
	c.App.Writer = c.App.ErrWriter
	if err := ucli.ShowAppHelp(c); err != nil {
		return err
	}
	return fault.Usagef("", "no command is given")
}
