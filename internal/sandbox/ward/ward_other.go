//go:build !unix

// Package ward needs a Unix; elsewhere New says so, and the rest is there to
// let the program compile.
package ward

import (
	"context"
	"errors"
	"os/exec"
)

// Ward is never made here.
type Ward struct{ Dir string }

var errNoUnix = errors.New("a throwaway PostgreSQL needs Linux, macOS or another Unix")

func New(string, string, string) (*Ward, error)                         { return nil, errNoUnix }
func (*Ward) Command(context.Context, string, ...string) *exec.Cmd      { return nil }
func (*Ward) Helper(context.Context, string, ...string) (string, error) { return "", errNoUnix }
func (*Ward) WriteFile(string, string) (string, error)                  { return "", errNoUnix }
func (*Ward) Adopt(string) error                                        { return errNoUnix }
func (*Ward) Close() error                                              { return errNoUnix }
