//go:build !unix

package sandbox

import (
	"errors"
	"os/exec"
)

// Run is never reached here: there is no server to run a command for.
func (s *Server) Run(string, *exec.Cmd) (int, error) {
	return 1, errors.New("no sandbox on this system")
}
