package cli

import (
	"rung/fleet"
	"rung/runner"
)

// member is one target of a fleet, and what all of them share.
type member struct {
	fleet.Target
	run   string
	load  func() (*runner.Directory, error)
	begun func()
	// review are the settings of the command, where it reviews; or nil.
	review *reviewSettings
}

// heed notes when a target begins to be changed: then it is let finish.
func (m *member) heed(events func(runner.Event)) func(runner.Event) {
	return func(e runner.Event) {
		if _, ok := e.(runner.Started); ok {
			m.begun()
		}
		events(e)
	}
}
