package cli

import (
	"os"
	"os/user"

	ucli "github.com/urfave/cli/v2"

	"rung/internal/secret"
	"rung/runner"
)

// noteFlag is of the commands that write to the log.
func noteFlag() ucli.Flag {
	return &ucli.StringFlag{Name: "note", Usage: "add this `TEXT` to the log entries of the run: a ticket, a reason"}
}

// origin is where rung was started, as far as the machine tells.
func origin() runner.Origin {
	var o runner.Origin
	if u, err := user.Current(); err == nil {
		o.OSUser = u.Username
	}
	o.Host, _ = os.Hostname()
	o.Job = secret.MaskWords(ciJob(os.Getenv))
	return o
}

// jobVariables are where a CI says the address of its job: GitLab, Jenkins and
// TeamCity, CircleCI, Buildkite, Travis, Drone and Woodpecker, AWS CodeBuild.
var jobVariables = []string{"CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL", "TRAVIS_JOB_WEB_URL", "DRONE_BUILD_LINK", "CI_PIPELINE_URL", "CODEBUILD_BUILD_URL"}

// ciJob is the address of the CI job that rung runs in, or "". GitHub, Azure
// and Bitbucket tell it in pieces.
func ciJob(getenv func(string) string) string {
	joined := func(pieces ...string) (url string) {
		for i, p := range pieces {
			if i%2 == 0 {
				if p = getenv(p); p == "" {
					return ""
				}
			}
			url += p
		}
		return url
	}
	if url := joined("GITHUB_SERVER_URL", "/", "GITHUB_REPOSITORY", "/actions/runs/", "GITHUB_RUN_ID"); url != "" {
		return url
	}
	for _, name := range jobVariables {
		if url := getenv(name); url != "" {
			return url
		}
	}
	if url := joined("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "", "SYSTEM_TEAMPROJECT", "/_build/results?buildId=", "BUILD_BUILDID"); url != "" {
		return url
	}
	return joined("BITBUCKET_GIT_HTTP_ORIGIN", "/pipelines/results/", "BITBUCKET_BUILD_NUMBER")
}
