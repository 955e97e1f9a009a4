// Command rung climbs a directory of numbered SQL files against PostgreSQL.
package main

import (
	"os"

	"rung/cli"
)

func main() {
	os.Exit(cli.Run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}
