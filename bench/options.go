package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// parseFlags writes to help only if asked for help.
func parseFlags(args []string, help io.Writer) (options, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	runs := flags.Int("runs", 5, "runs of each tool in each scenario; 3 of each way in a trial; 1 with -quick")
	only := flags.String("only", "", "scenarios to run, with commas between: "+scenarioNames(scenarios(fullSizes))+
		"; or trials of changes to a big table, which have reports of their own: "+trialNames())
	rows := flags.Int64("rows", 0, "rows of the table in trials: "+rowsText())
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
	var rest []string
	if opts.topic, rest, err = pickTrials(list(*only)); err != nil {
		return opts, err
	}
	switch {
	case given(flags, "rows"):
		opts.rows = *rows
	case opts.quick:
		opts.rows = quickRows
	default:
		opts.rows = opts.topic.rows
	}
	switch {
	case given(flags, "runs"):
	case opts.quick:
		opts.runs = 1
	case opts.trying():
		opts.runs = 3
	}
	if opts.trying() {
		return opts.forTrials(flags.Args(), rest)
	}
	if given(flags, "rows") {
		return opts, errors.New("-rows is for the trials: " + trialNames())
	}
	return opts.resolve(flags.Args(), rest)
}

// forTrials checks that nothing is asked for that trials do not know.
func (o options) forTrials(rest, scenarios []string) (options, error) {
	switch {
	case len(rest) > 0:
		return o, fmt.Errorf("unexpected arguments: %v", rest)
	case len(scenarios) > 0:
		return o, fmt.Errorf("trials have a report of their own: run %s without %s", o.topic.names(), strings.Join(scenarios, ", "))
	case len(o.without) > 0:
		return o, errors.New("-without leaves tools out of scenarios, not of trials")
	case o.runs < 1:
		return o, errors.New("-runs is at least 1")
	case o.rows < 10:
		return o, errors.New("-rows is at least 10")
	}
	o.tools = trialTools()
	return o, nil
}

// settings are those of the server that all is run against.
func (o options) settings() map[string]string {
	if o.trying() {
		return trialSettings
	}
	return raceSettings
}

// parent is where that server's files are: a race compares tools and no disks,
// and a trial is about a table that lies on one.
func (o options) parent() string {
	if o.trying() {
		return ""
	}
	return raceParent()
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
