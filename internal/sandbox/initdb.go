package sandbox

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// settings are those of every sandbox. Durability beyond the life of the
// machine is given up, for speed; that beyond the life of the server's
// processes is not: what was committed survives a kill -9 of all of them, since
// it is in the kernel's hands.
var settings = map[string]string{
	"listen_addresses":           "127.0.0.1",
	"unix_socket_directories":    "",
	"max_connections":            "200",
	"shared_buffers":             "32MB",
	"fsync":                      "off",
	"full_page_writes":           "off",
	"synchronous_commit":         "on",
	"log_timezone":               "UTC",
	"timezone":                   "UTC",
	"log_line_prefix":            "%m [%p] %q%a ",
	"jit":                        "off",  // compiling takes longer than any query on so few rows
	"dynamic_shared_memory_type": "mmap", // files of the data directory: they go with it
}

// initdb makes the data directory.
func (s *Server) initdb(ctx context.Context) error {
	initdb := filepath.Join(s.BinDir, "initdb")
	args := []string{
		"--pgdata=" + s.dataDir(), "--username=" + superuser, "--no-sync",
		"--encoding=UTF8", "--locale=C",
	}
	if s.password == "" {
		args = append(args, "--auth=trust")
	} else {
		pwfile, err := s.ward.WriteFile("password", s.password+"\n")
		if err != nil {
			return err
		}
		args = append(args, "--auth=scram-sha-256", "--pwfile="+pwfile)
	}
	// Plain byte order everywhere, but upper() and lower() that know more than
	// ASCII, where the system has such a locale.
	ctype := "C.UTF-8"
	if runtime.GOOS == "darwin" {
		ctype = "en_US.UTF-8"
	}
	out, err := s.ward.Helper(ctx, initdb, append(args, "--lc-ctype="+ctype)...)
	if err != nil && strings.Contains(out, "invalid locale") {
		out, err = s.ward.Helper(ctx, initdb, args...)
	}
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(out))
	}
	return nil
}

// configure appends our settings and then the caller's to postgresql.conf,
// where the last one wins.
func (s *Server) configure(extra map[string]string) error {
	conf, err := os.OpenFile(filepath.Join(s.dataDir(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	for _, m := range []map[string]string{settings, extra} {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if _, err := fmt.Fprintf(conf, "%s = %s\n", name, quoteSetting(m[name])); err != nil {
				_ = conf.Close()
				return err
			}
		}
	}
	return conf.Close()
}

func quoteSetting(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(value) + "'"
}
