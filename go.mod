module rung

go 1.26

require (
	github.com/lib/pq v1.12.3
	github.com/urfave/cli/v2 v2.27.7
)
