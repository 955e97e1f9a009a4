// Command rung applies a directory of numbered SQL files to PostgreSQL.
package main

import (
	"os"
	"runtime/debug"

	"rung/cli"
)

func main() {
	// By itself Go ends a program that crashed with 2, which here means bad usage
	// or bad files. So it ends by SIGABRT, and a shell says 134.
	debug.SetTraceback("crash")
	os.Exit(cli.Run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}
