package locks

import (
	"slices"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/script"
)

// transaction is what a file runs in one, or a batch of it.
type transaction struct {
	statements []string // bare
	batch      bool
	// whole is true where the file is this one.
	whole bool
}

var (
	byItself = lazyre.New(`(?m)^-- rung:(no-transaction|batch)\b`)
	begins   = lazyre.New(`(?m)^-- rung:batch\b`)
	ends     = lazyre.New(`(?m)^-- rung:end\b`)
)

// read cuts each file into what commits together.
func read(texts []string) (files [][]transaction, err error) {
	for _, text := range texts {
		all, err := transactionsOf(text)
		if err != nil {
			return nil, err
		}
		files = append(files, all)
	}
	return files, nil
}

// transactionsOf cuts a file into what commits together.
func transactionsOf(text string) ([]transaction, error) {
	file, err := script.Split(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	var bare []string
	for i := range file.Statements {
		bare = append(bare, file.Statements[i].Bare())
	}
	stepwise := byItself.MatchString(text) || slices.ContainsFunc(bare, func(s string) bool { return s == "BEGIN" || strings.Contains(s, " CONCURRENTLY ") })
	if !stepwise {
		return []transaction{{statements: bare, whole: true}}, nil
	}
	// A batch of several statements has its end marked, above the next one.
	several := ends.MatchString(text)
	var all []transaction
	var open *transaction
	for i, s := range file.Statements {
		lead := s.Text[:s.Lead]
		if open != nil && open.batch && ends.MatchString(lead) {
			open = nil
		}
		switch {
		case bare[i] == "BEGIN":
			all = append(all, transaction{})
			open = &all[len(all)-1]
		case bare[i] == "COMMIT":
			open = nil
		case begins.MatchString(lead):
			all = append(all, transaction{statements: bare[i : i+1], batch: true})
			if open = nil; several && endsBefore(file, i+1) {
				all[len(all)-1].statements = []string{bare[i]}
				open = &all[len(all)-1]
			}
		case open != nil:
			open.statements = append(open.statements, bare[i])
		default:
			all = append(all, transaction{statements: bare[i : i+1]})
		}
	}
	return all, nil
}

// endsBefore reports whether the batch that began before statement n is one of several
// statements: its end comes before another batch begins.
func endsBefore(file *script.File, n int) bool {
	for ; n < len(file.Statements); n++ {
		lead := file.Statements[n].Text[:file.Statements[n].Lead]
		if ends.MatchString(lead) {
			return true
		}
		if begins.MatchString(lead) {
			return false
		}
	}
	return ends.MatchString(file.Tail)
}
