package cli

import (
	"rung/runner"
	"rung/templates"
)

// mostWritten is more, in bytes, than any template writes into one file.
const mostWritten = 1 << 20

// writtenIn are the texts of the up files of the directory, for what a template wrote.
// A file with a problem, such as a pipe that nobody writes to, is another command's to
// name.
func writtenIn(d *runner.Directory) ([]templates.Written, error) {
	var all []templates.Written
	for _, m := range d.Migrations {
		if m.Up == nil || len(m.Up.Problems) > 0 || m.Up.Size > mostWritten {
			continue
		}
		text, err := m.Up.Text()
		if err != nil {
			return nil, err
		}
		all = append(all, templates.Written{Version: string(m.Version), Text: text})
	}
	return all, nil
}

// contractsOf are the applied versions whose contract is still to be written.
func contractsOf(d *runner.Directory, st *runner.Status) ([]string, error) {
	all, err := writtenIn(d)
	if err != nil {
		return nil, err
	}
	is := map[string]bool{}
	for _, r := range st.Rows {
		is[string(r.Version)] = r.State == string(runner.Applied)
	}
	var applied []templates.Written
	for _, w := range all {
		if is[w.Version] {
			applied = append(applied, w)
		}
	}
	return templates.Contracts(applied, all), nil
}
