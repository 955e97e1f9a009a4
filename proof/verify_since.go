package proof

import (
	"bytes"
	"context"
	"os/exec"
	"path"
	"slices"
	"strings"

	"rung/runner"
)

// ChangedSince lists the versions whose files are not as they were at a commit
// of git: changed, new or removed, committed or not. Recursive looks into the
// sub-folders too.
func ChangedSince(ctx context.Context, dir, ref string, recursive bool) ([]runner.Version, error) {
	if _, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}"); err != nil {
		return nil, err
	}
	changed, err := git(ctx, dir, "diff", "--name-only", "-z", "--relative", "--end-of-options", ref, "--", ".")
	if err != nil {
		return nil, err
	}
	fresh, err := git(ctx, dir, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
	if err != nil {
		return nil, err
	}
	versions := []runner.Version{}
	for _, name := range append(changed, fresh...) {
		n, ok := runner.ParseFileName(path.Base(name))
		if ok && (recursive || !strings.Contains(name, "/")) && !slices.Contains(versions, n.Version) {
			versions = append(versions, n.Version)
		}
	}
	return versions, nil
}

// git runs git in a directory and returns what it lists.
func git(ctx context.Context, dir string, args ...string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		said, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		if said == "" { // of rev-parse --quiet
			said = "there is no such commit in this clone"
		}
		return nil, &runner.RefusalError{Reason: "--since: git: " + strings.TrimPrefix(said, "fatal: "), Hint: "name a commit, a branch or a tag that this clone has; in CI, fetch it first"}
	}
	return strings.FieldsFunc(out.String(), func(r rune) bool { return r == 0 }), nil
}
