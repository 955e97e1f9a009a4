package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// options are what the flags come to.
type options struct {
	runs      int
	scenarios []scenario
	tools     []tool
	without   []string // left out of tools, by request
	out       string
	quick     bool
	command   string // as typed, for the report
}

// parseFlags writes to help only if asked for help.
func parseFlags(args []string, help io.Writer) (options, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	runs := flags.Int("runs", 5, "runs of each tool in each scenario; 1 with -quick, unless given")
	only := flags.String("only", "", "scenarios to run, with commas between: "+scenarioNames(scenarios(fullSizes)))
	without := flags.String("without", "", "tools to leave out, with commas between")
	out := flags.String("out", "", "also write the report to this file, if no tool failed")
	quick := flags.Bool("quick", false, "small sizes: a test of the bench itself, not of speed")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(help)
		flags.PrintDefaults()
	}
	if err != nil {
		return options{}, err
	}
	opts := options{
		runs: *runs, without: list(*without), out: *out, quick: *quick,
		command: strings.Join(append([]string{"go run ./bench"}, args...), " "),
	}
	if opts.quick && !given(flags, "runs") {
		opts.runs = 1
	}
	return opts.resolve(flags.Args(), list(*only))
}

// resolve turns the names of scenarios and tools into what they stand for.
func (o options) resolve(rest, only []string) (options, error) {
	if len(rest) > 0 {
		return o, fmt.Errorf("unexpected arguments: %v", rest)
	}
	if o.runs < 1 {
		return o, errors.New("-runs is at least 1")
	}
	size := fullSizes
	if o.quick {
		size = quickSizes
	}
	var err error
	if o.scenarios, err = onlyScenarios(scenarios(size), only); err != nil {
		return o, err
	}
	o.tools, err = withoutTools(allTools(), o.without)
	return o, err
}

func given(flags *flag.FlagSet, name string) bool {
	found := false
	flags.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
