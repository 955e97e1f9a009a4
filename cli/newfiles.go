package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/runner"
)

// newFile is a file that new is about to write.
type newFile struct {
	Path string `json:"file"`
	Text string `json:"text"`
}

// newPair needs the names of the directory's files only: a migration that is
// being written elsewhere in it may be in any state.
// Taken is the version of a pair that is about to be written before this one,
// or "". It returns this one's, as written.
func newPair(c *ucli.Context, name, taken string) (files []newFile, digits string, err error) {
	highest, err := highestIn(directories(c), c.Bool("recursive"))
	if err != nil {
		return nil, "", err
	}
	if digits = nextVersion(highest, c.Bool("timestamp"), time.Now()); taken != "" && !newer(digits, taken) {
		digits = plusOne(taken)
	}
	base := filepath.Join(directories(c)[0], digits+"_"+name)
	title := strings.ReplaceAll(name, "_", " ")
	return []newFile{
		{base + ".up.sql", "-- " + title + "\n" + blank},
		{base + ".down.sql", "-- revert: " + title + "\n" + blank},
	}, digits, nil
}

// blank is the rest of a file that is to be written by hand. Until then nothing
// runs it.
const blank = "-- rung:todo write the SQL, and remove this line\n"

// highestIn is the highest version of the directories, wherever a file of it
// is: rung new writes a version of its own.
func highestIn(dirs []string, recursive bool) (highest runner.FileName, err error) {
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist) && path == dir:
				return nil
			case err != nil:
				return fmt.Errorf("read directory %s: %w", dir, err)
			case path == dir:
				return nil
			}
			// A folder takes a name, too.
			n, ok := runner.ParseFileName(e.Name())
			if ok && (highest.Digits == "" || n.Version.Compare(highest.Version) > 0) {
				highest = n
			}
			if e.IsDir() && !recursive {
				return fs.SkipDir
			}
			return nil
		})
		if err != nil {
			return highest, err
		}
	}
	return highest, nil
}

// newer compares two versions as numbers.
func newer(a, b string) bool {
	va, errA := runner.ParseVersion(a)
	vb, errB := runner.ParseVersion(b)
	return errA == nil && errB == nil && va.Compare(vb) > 0
}

var notInName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^\pL\pN]+`) })

// longestName leaves room for a version, a template's word and .down.sql in the 255 bytes
// that a file's name may have.
const longestName = 200

// migrationName makes a file name's part of what the user typed.
func migrationName(s string) (string, error) {
	name := strings.Trim(strings.ToLower(notInName().ReplaceAllString(s, "_")), "_")
	if name == "" {
		return "", fault.Usagef("write it like `rung new add_users_email`", "%q has no letter or digit for a name", s)
	}
	if len(name) > longestName {
		return "", fault.Usagef("choose a shorter name", "the name has %d bytes: with version and ending it would be too long for a file, so %d is the most", len(name), longestName)
	}
	return name, nil
}

const timestampLayout = "20060102150405"

// nextVersion numbers as the directory does: the highest version and one, in
// its width; the time where the highest one is a time.
func nextVersion(highest runner.FileName, timestamp bool, now time.Time) string {
	if highest.Digits == "" {
		if timestamp {
			return now.UTC().Format(timestampLayout)
		}
		return "000001"
	}
	if _, err := time.Parse(timestampLayout, string(highest.Version)); err == nil {
		if v := now.UTC().Format(timestampLayout); runner.Version(v).Compare(highest.Version) > 0 {
			return v
		}
	}
	return plusOne(highest.Digits)
}

// plusOne counts a version up in its own width.
func plusOne(digits string) string {
	n, _ := new(big.Int).SetString(digits, 10)
	next := n.Add(n, big.NewInt(1)).String()
	return strings.Repeat("0", max(0, len(digits)-len(next))) + next
}

// writeAll writes all of the files or none, and never over one that is there.
func writeAll(files []newFile) (err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, path := range made {
				os.Remove(path)
			}
		}
	}()
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
			return writeError(f.Path, err)
		}
		out, err := os.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return writeError(f.Path, err)
		}
		made = append(made, f.Path)
		_, err = out.WriteString(f.Text)
		if err = errors.Join(err, out.Close()); err != nil {
			return writeError(f.Path, err)
		}
	}
	return nil
}
