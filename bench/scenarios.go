package main

import (
	"fmt"
	"strings"
)

// sizes are what -quick makes smaller.
type sizes struct {
	few, many int
	copyBytes int64
	repeat    int
}

var (
	fullSizes  = sizes{few: 100, many: 1000, copyBytes: 1e9, repeat: 5}
	quickSizes = sizes{few: 10, many: 50, copyBytes: 20e6, repeat: 2}
)

func scenarios(size sizes) []scenario {
	few := tables(size.few)
	return []scenario{
		{
			name: "link", title: fmt.Sprintf("%d files over a link of %d ms", size.few, delay.Milliseconds()),
			corpus: few, link: true, repeat: 1, target: medianUnder(linkTarget),
		},
		{
			name: "link-idle", title: fmt.Sprintf("nothing to do (%d files), same link", size.few),
			corpus: few, link: true, idle: true, repeat: size.repeat, target: medianUnder(linkIdleTarget),
		},
		{
			name: "idle", title: fmt.Sprintf("nothing to do (%d files), locally", size.few),
			corpus: few, idle: true, repeat: size.repeat, target: notSlowerThan("goose"),
		},
		{
			name: "many", title: fmt.Sprintf("%d files, locally", size.many),
			corpus: tables(size.many), repeat: 1, target: notSlowerThanFastest(),
		},
		{
			name: "copy", title: "one COPY block of " + megabytes(size.copyBytes),
			corpus: &copyBlock{bytes: size.copyBytes}, repeat: 1, copies: true, target: memoryUnder(memoryTarget),
		},
	}
}

// onlyScenarios keeps the scenarios named, or all if none is.
func onlyScenarios(all []scenario, names []string) ([]scenario, error) {
	if len(names) == 0 {
		return all, nil
	}
	var kept []scenario
	for _, name := range names {
		found := false
		for _, s := range all {
			if s.name == name {
				kept, found = append(kept, s), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no scenario is called %q; there are %s, and the trials %s", name, scenarioNames(all), trialNames())
		}
	}
	return kept, nil
}

func scenarioNames(all []scenario) string {
	var names []string
	for _, s := range all {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}
