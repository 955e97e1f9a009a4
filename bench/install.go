package main

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// An installEnv is where tools are installed: each in a directory of its own
// that bears its version, so a raised pin never meets an old binary.
type installEnv struct {
	ctx  context.Context
	root string // the checkout
	dir  string // bench/.tools
	// pgBin holds the programs of PostgreSQL, where they are not on PATH.
	pgBin string
	// progress tells of what takes long.
	progress func(format string, args ...any)
}

// installAll has every tool ready before anything is measured.
func installAll(env installEnv, tools []tool) (map[string]binary, error) {
	binaries := map[string]binary{}
	for _, t := range tools {
		bin, err := t.install(env)
		if err != nil {
			return nil, fmt.Errorf("install %s: %w", t.name, err)
		}
		binaries[t.name] = bin
	}
	return binaries, nil
}

// goInstall builds a command of a module at one version. What the binary says
// of itself is not trusted (golang-migrate says "dev"): the version is read
// from the build information.
func goInstall(pkg, version string, flags ...string) func(installEnv) (binary, error) {
	return func(env installEnv) (binary, error) {
		dir := filepath.Join(env.dir, commandName(pkg)+"-"+version)
		bin := binary{path: filepath.Join(dir, commandName(pkg)), version: version}
		if builtVersion(bin.path) == version {
			return bin, nil
		}
		args := append(append([]string{"install"}, flags...), pkg+"@"+version)
		if err := runInstaller(env, []string{"GOBIN=" + dir}, "go", args...); err != nil {
			return binary{}, err
		}
		if got := builtVersion(bin.path); got != version {
			return binary{}, fmt.Errorf("%s is %q, not %s", bin.path, got, version)
		}
		return bin, nil
	}
}

// commandName is what go install calls the binary: the last element of the
// package's path that is not the major version.
func commandName(pkg string) string {
	if regexp.MustCompile(`/v[0-9]+$`).MatchString(pkg) {
		pkg = path.Dir(pkg)
	}
	return path.Base(pkg)
}

func builtVersion(file string) string {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return ""
	}
	return info.Main.Version
}

// npmInstallDbmate takes the native binary out of the npm package: the
// package's own entry starts Node.js first, which is no part of dbmate's speed.
func npmInstallDbmate(env installEnv) (binary, error) {
	dir := filepath.Join(env.dir, "dbmate-"+dbmateVersion)
	bin, err := findDbmate(dir)
	if err == nil {
		return bin, nil
	}
	err = runInstaller(env, nil, "npm", "install", "--prefix", dir, "--ignore-scripts",
		"--no-audit", "--no-fund", "--no-save", "--loglevel=error", "dbmate@"+dbmateVersion)
	if err != nil {
		return binary{}, err
	}
	return findDbmate(dir)
}

func findDbmate(dir string) (binary, error) {
	found, err := filepath.Glob(filepath.Join(dir, "node_modules/@dbmate/*/bin/dbmate"))
	if err != nil {
		return binary{}, err
	}
	if len(found) != 1 {
		return binary{}, fmt.Errorf("%d binaries in %s: none is published for this platform", len(found), dir)
	}
	manifest, err := os.ReadFile(filepath.Join(filepath.Dir(found[0]), "../package.json"))
	if err != nil {
		return binary{}, err
	}
	var pkg struct{ Version string }
	if err := json.Unmarshal(manifest, &pkg); err != nil {
		return binary{}, fmt.Errorf("dbmate's package.json: %w", err)
	}
	if pkg.Version != dbmateVersion {
		return binary{}, fmt.Errorf("the binary is %s, not %s", pkg.Version, dbmateVersion)
	}
	return binary{path: found[0], version: pkg.Version}, nil
}

// buildRung builds the checkout as it is shipped, always afresh.
func buildRung(env installEnv) (binary, error) {
	file := filepath.Join(env.dir, "rung", "rung")
	err := runInstaller(env, nil, "make", "--silent", "build", "RUNG="+file)
	if err != nil {
		return binary{}, err
	}
	out, err := exec.CommandContext(env.ctx, "git", "-C", env.root, "describe", "--always", "--dirty").Output()
	if err != nil {
		return binary{path: file, version: "unversioned"}, nil // not a git checkout
	}
	return binary{path: file, version: strings.TrimSpace(string(out))}, nil
}

// findClient finds one of PostgreSQL's own client programs.
func findClient(name string) func(installEnv) (binary, error) {
	return func(env installEnv) (binary, error) {
		file, err := exec.LookPath(filepath.Join(env.pgBin, name))
		if err != nil {
			if file, err = exec.LookPath(name); err != nil {
				return binary{}, err
			}
		}
		out, err := exec.CommandContext(env.ctx, file, "--version").Output()
		if err != nil {
			return binary{}, fmt.Errorf("%s --version: %w", name, err)
		}
		fields := strings.Fields(string(out)) // psql (PostgreSQL) 15.18 (…)
		if len(fields) < 3 {
			return binary{}, fmt.Errorf("%s --version says %q", name, out)
		}
		return binary{path: file, version: fields[2]}, nil
	}
}

// runInstaller runs a package client from the checkout's root. A failure is
// one line of what the client says; a page of its log helps nobody.
func runInstaller(env installEnv, vars []string, name string, args ...string) error {
	cmd := exec.CommandContext(env.ctx, name, args...)
	env.progress("%s", strings.Join(cmd.Args, " "))
	cmd.Dir = env.root
	cmd.Env = append(os.Environ(), vars...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), commandError(err, out))
	}
	return nil
}
