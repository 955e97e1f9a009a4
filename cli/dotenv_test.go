package cli

import (
	"bytes"
	"maps"
	"os"
	"strings"
	"testing"

	"rung/cli/internal/fault"
)

func TestDotenv(t *testing.T) {
	for name, test := range map[string]struct {
		file string
		env  map[string]string
		args []string
		want map[string]string
	}{
		"address":            {file: "DATABASE_URL=postgres://file/db\n", want: map[string]string{"DATABASE_URL": "postgres://file/db"}},
		"flag's":             {file: "export RUNG_LOCK_TIMEOUT='2s' # short\n", want: map[string]string{"RUNG_LOCK_TIMEOUT": "2s"}},
		"environment wins":   {file: "RUNG_DIR=file\n", env: map[string]string{"RUNG_DIR": "env"}, want: map[string]string{"RUNG_DIR": "env"}},
		"mounted secret":     {file: "DATABASE_URL=postgres://file/db\n", env: map[string]string{"DATABASE_URL_FILE": "/run/secret"}, want: map[string]string{"DATABASE_URL": ""}},
		"host of the env":    {file: "PGDATABASE=file\nPGUSER=file\n", env: map[string]string{"PGHOST": "env"}, want: map[string]string{"PGDATABASE": "", "PGUSER": ""}},
		"the application's":  {file: "SECRET_KEY=x\nPATH=/nowhere\n", want: map[string]string{"SECRET_KEY": "", "PATH": os.Getenv("PATH")}},
		"turned off":         {file: "RUNG_DIR=file\n", args: []string{"up", "--no-env-file"}, want: map[string]string{"RUNG_DIR": ""}},
		"turned off by name": {file: "RUNG_DIR=file\n", env: map[string]string{"RUNG_NO_ENV_FILE": "true"}, want: map[string]string{"RUNG_DIR": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, dotenv, test.file)
			for _, name := range append([]string{"RUNG_DIR", "RUNG_LOCK_TIMEOUT", "PGUSER"}, addresses...) {
				t.Setenv(name, "") // to be put back
				os.Unsetenv(name)
			}
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			if err := readDotenv(test.args); err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for name := range test.want {
				got[name] = os.Getenv(name)
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("the environment has %q, want %q", got, test.want)
			}
		})
	}
}

// What cannot be read stops the command, and tells how to go on without it.
func TestBadDotenv(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, dotenv, "RUNG_DIR\n= x\n")
	var out, errs bytes.Buffer
	code := Run([]string{"rung", "plan"}, strings.NewReader(""), &out, &errs)
	if code != fault.ExitUsage || !strings.HasPrefix(errs.String(), "rung: read .env: ") || !strings.HasSuffix(errs.String(), "\nhint: "+envFileHint+"\n") {
		t.Errorf("exit status %d: %s", code, errs.String())
	}
}
