package cli

import "testing"

func TestCIJob(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"none":           {nil, ""},
		"GitHub":         {map[string]string{"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"}, "https://github.com/a/b/actions/runs/7"},
		"GitHub in part": {map[string]string{"GITHUB_SERVER_URL": "https://github.com"}, ""},
		"GitLab":         {map[string]string{"CI_JOB_URL": "https://gitlab.example/j/1", "CI_PIPELINE_URL": "https://gitlab.example/p/1"}, "https://gitlab.example/j/1"},
		"Jenkins":        {map[string]string{"BUILD_URL": "https://ci.example/job/1/"}, "https://ci.example/job/1/"},
		"Azure":          {map[string]string{"SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": "https://dev.azure.com/x/", "SYSTEM_TEAMPROJECT": "p", "BUILD_BUILDID": "9"}, "https://dev.azure.com/x/p/_build/results?buildId=9"},
		"Bitbucket":      {map[string]string{"BITBUCKET_GIT_HTTP_ORIGIN": "https://bitbucket.org/a/b", "BITBUCKET_BUILD_NUMBER": "3"}, "https://bitbucket.org/a/b/pipelines/results/3"},
	} {
		if got := ciJob(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
