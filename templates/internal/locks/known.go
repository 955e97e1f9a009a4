package locks

import (
	"strings"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
)

// About is what a file's statements do not say.
type About struct {
	// Table is whose an index is that no file of the template makes.
	Table string
	// Lasts is how long a lock lasts that is held over all rows of it; or "".
	Lasts string
	// Light is true where a change of type looks at no row, and InPlace where none
	// rewrites a table.
	Light, InPlace bool
}

// known is what the files of a template tell of the objects that they name.
type known struct {
	About
	// made are the tables that they make: nobody else uses them yet.
	made map[string]bool
	// indexes are their tables, and parents what a table, or a foreign key, refers to,
	// which nobody reads or writes while it goes. All are by their last name.
	indexes map[string]string
	parents map[string][]lock
	// Of the file that is read: proved are the tables of which it drops a constraint,
	// views those that it makes, and gone those that it has dropped before.
	proved      []string
	views, gone map[string]bool
}

// last is the name without its schema.
func last(of string) string {
	parts := pgtext.SplitOutsideQuotes(of, ".")
	return parts[len(parts)-1]
}

var (
	makeTable = lazyre.New(`(?s)^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(` + name + `) (.*)$`)
	makeIndex = lazyre.New(`^CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?(` + name + `) ON (?:ONLY )?(` + name + `)`)
	nameIndex = lazyre.New(`^ALTER INDEX (` + name + `) RENAME TO (` + name + `)$`)
	makeView  = lazyre.New(`^CREATE VIEW (` + name + `)`)
	dropView  = lazyre.New(`^DROP VIEW (?:IF EXISTS )?(` + names + `)`)
	makeKey   = lazyre.New(`(?s)^ALTER TABLE (?:ONLY )?` + name + ` ADD CONSTRAINT (` + part + `) FOREIGN KEY (.*)$`)
)

// learn takes in what the files of a template tell.
func learn(files [][]transaction) *known {
	k := &known{made: map[string]bool{}, indexes: map[string]string{}, parents: map[string][]lock{}}
	for _, all := range files {
		for _, tx := range all {
			for _, s := range tx.statements {
				k.learn(s)
			}
		}
	}
	return k
}

func (k *known) learn(statement string) {
	if m := makeTable.FindStringSubmatch(statement); m != nil {
		k.made[last(m[1])] = true
		k.parents[last(m[1])] = dropped(m[2])
	} else if m := makeIndex.FindStringSubmatch(statement); m != nil {
		k.indexes[last(m[1])] = m[2]
	} else if m := nameIndex.FindStringSubmatch(statement); m != nil && k.indexes[last(m[1])] != "" {
		k.indexes[last(m[2])] = k.indexes[last(m[1])]
	} else if m := makeKey.FindStringSubmatch(statement); m != nil {
		k.parents[last(m[1])] = dropped(m[2])
	}
}

// dropped are the locks on what a definition refers to when it goes.
func dropped(definition string) []lock {
	all := referred(definition)
	for i := range all {
		all[i].waits = reads
	}
	return all
}

// Unknown are the statements of files of which it is not known what they lock.
func Unknown(texts ...string) (all []string) {
	files, err := read(texts)
	if err != nil {
		return []string{err.Error()}
	}
	k := learn(files)
	for _, txs := range files {
		for _, tx := range txs {
			for _, s := range tx.statements {
				if _, ok := k.effectOf(s); !ok {
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// tableOf is an index's table.
func (k *known) tableOf(index string) string {
	if table := k.indexes[last(index)]; table != "" {
		return table
	}
	return k.Table
}

// open has it know the file that is read now.
func (k *known) open(all []transaction) {
	k.proved, k.views, k.gone = nil, map[string]bool{}, map[string]bool{}
	for _, tx := range all {
		for _, s := range tx.statements {
			if m := alterTable.FindStringSubmatch(s); m != nil && strings.Contains(m[3], "DROP CONSTRAINT ") {
				k.proved = append(k.proved, last(m[2]))
			}
		}
	}
}
