package locks

import (
	"slices"
	"strings"

	"rung/internal/lazyre"
)

// waits is who waits for a lock. PostgreSQL's eight modes come to these.
type waits int

const (
	nobody  waits = iota
	ddl           // SHARE UPDATE EXCLUSIVE
	rows          // those that a statement has written, or locked
	numbers       // of a sequence
	writes        // SHARE, SHARE ROW EXCLUSIVE, EXCLUSIVE
	reads         // ACCESS EXCLUSIVE: writes too
)

// lock is what a statement takes of a relation.
type lock struct {
	of    string
	waits waits
}

// effect is what a statement does.
type effect struct {
	locks []lock
	// long is true for one that looks at every row, makes for one that makes an index.
	long, makes bool
	// Beside reads and writes:
	scans, builds, rewrites bool
}

const (
	part  = `(?:"(?:[^"]|"")+"|[\pL_][\pL\pN_$]*)`
	name  = part + `(?:\.` + part + `)*`
	names = name + `(?:, ` + name + `)*`
)

var eachName = lazyre.New(name)

func namesIn(list string) []string { return eachName.FindAllString(list, -1) }

// kind is one of the statements that templates write, and what it does.
type kind struct {
	form *lazyre.Regexp
	does func(k *known, m []string) effect
}

func each(list string, w waits) (all []lock) {
	for _, of := range namesIn(list) {
		all = append(all, lock{of, w})
	}
	return all
}

// of are the relations that the first group names.
func of(w waits, long bool) func(*known, []string) effect {
	return func(_ *known, m []string) effect { return effect{locks: each(m[1], w), long: long} }
}

// ofIndex are the tables of the indexes that the first group names.
func ofIndex(w waits) func(*known, []string) effect {
	return func(k *known, m []string) (e effect) {
		for _, index := range namesIn(m[1]) {
			if table := k.tableOf(index); table != "" {
				e.locks = append(e.locks, lock{table, w})
			}
		}
		return e
	}
}

func nothing(*known, []string) effect { return effect{} }

func atLength(*known, []string) effect { return effect{long: true} }

// kinds are all statements that templates write; the first one that fits counts.
var kinds = []kind{
	{lazyre.New(`^LOCK TABLE (?:ONLY )?(` + names + `) IN ([A-Z ]+) MODE$`), func(_ *known, m []string) effect {
		return effect{locks: each(m[1], modes[m[2]])}
	}},
	{alterTable, (*known).alter},
	{lazyre.New(`^CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?` + name + ` ON (?:ONLY )?(` + name + `)`), func(_ *known, m []string) effect {
		return effect{locks: each(m[1], ddl), builds: true}
	}},
	{lazyre.New(`^CREATE (?:UNIQUE )?INDEX (?:` + name + ` )?ON ONLY (` + name + `)`), of(writes, false)},
	{lazyre.New(`^CREATE (?:UNIQUE )?INDEX (?:` + name + ` )?ON (` + name + `)`), func(_ *known, m []string) effect {
		return effect{locks: each(m[1], writes), makes: true}
	}},
	{lazyre.New(`^DROP INDEX CONCURRENTLY (?:IF EXISTS )?(` + names + `)`), ofIndex(ddl)},
	{lazyre.New(`^DROP INDEX (?:IF EXISTS )?(` + names + `)`), ofIndex(reads)},
	// Whoever plans a query of the partition wants all of its indexes.
	{lazyre.New(`^ALTER INDEX ` + name + ` ATTACH PARTITION (` + name + `)`), ofIndex(reads)},
	{lazyre.New(`^(?:ALTER INDEX|ANALYZE|COMMENT ON|(?:CREATE|ALTER|DROP) STATISTICS|ALTER PUBLICATION) `), nothing},
	{lazyre.New(`^CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER .*? ON (` + name + `)`), of(writes, false)},
	{lazyre.New(`^DROP TRIGGER (?:IF EXISTS )?` + name + ` ON (` + name + `)`), of(reads, false)},
	{lazyre.New(`^(?:CREATE|ALTER|DROP) POLICY (?:IF EXISTS )?` + name + ` ON (` + name + `)`), of(reads, false)},
	{lazyre.New(`^CREATE (?:OR REPLACE )?RULE ` + name + ` AS ON [A-Z]+ TO (` + name + `)`), of(reads, false)},
	{lazyre.New(`^DROP RULE (?:IF EXISTS )?` + name + ` ON (` + name + `)`), of(reads, false)},
	{lazyre.New(`(?s)^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?` + name + ` (.*)$`), func(_ *known, m []string) effect {
		return effect{locks: referred(m[1]), long: strings.HasPrefix(m[1], "AS ")}
	}},
	{lazyre.New(`^DROP TABLE (?:IF EXISTS )?(` + names + `)`), func(k *known, m []string) effect {
		e := effect{locks: each(m[1], reads)}
		for _, table := range namesIn(m[1]) {
			e.locks = append(e.locks, k.parents[last(table)]...)
		}
		return e
	}},
	{lazyre.New(`^TRUNCATE (` + names + `)`), of(reads, false)},
	{lazyre.New(`^(?:DROP|ALTER) (?:MATERIALIZED )?VIEW (?:IF EXISTS )?(` + names + `)`), of(reads, false)},
	{lazyre.New(`^CREATE OR REPLACE VIEW (` + name + `)`), of(reads, false)},
	{lazyre.New(`^REFRESH MATERIALIZED VIEW (` + name + `)`), of(reads, true)},
	{lazyre.New(`^CREATE VIEW `), nothing},
	{lazyre.New(`^CREATE MATERIALIZED VIEW `), atLength},
	{lazyre.New(`^ALTER SEQUENCE (?:IF EXISTS )?(` + name + `)`), of(numbers, false)},
	{lazyre.New(`^(?:UPDATE|DELETE FROM) (?:ONLY )?(` + name + `)`), of(rows, true)},
	{lazyre.New(`(?s)^(?:SELECT|INSERT INTO) .*? FROM (` + name + `) .* FOR NO KEY UPDATE\b`), of(rows, true)},
	{lazyre.New(`^INSERT INTO `), atLength},
	{lazyre.New(`^(?:BEGIN|COMMIT|SET|SELECT (?:pg_catalog\.)?(?:set_config|setval)|GRANT|REVOKE|DO|ALTER DEFAULT PRIVILEGES|(?:CREATE|ALTER|DROP) (?:OR REPLACE )?(?:FUNCTION|PROCEDURE|TYPE|SCHEMA|PUBLICATION|DOMAIN|OPERATOR|CAST))\b`), nothing},
}

var alterTable = lazyre.New(`(?s)^ALTER TABLE (?:IF EXISTS )?(ONLY )?(` + name + `) (.*)$`)

var modes = map[string]waits{
	"SHARE UPDATE EXCLUSIVE": ddl, "SHARE": writes, "SHARE ROW EXCLUSIVE": writes, "EXCLUSIVE": writes, "ACCESS EXCLUSIVE": reads,
}

// effectOf is what a statement does, and whether it is one that templates write.
func (k *known) effectOf(statement string) (effect, bool) {
	for _, kind := range kinds {
		if m := kind.form.FindStringSubmatch(statement); m != nil {
			return kind.does(k, m), true
		}
	}
	return effect{}, false
}

// refers finds what a foreign key refers to: its name, if it has one, and the table.
var refers = lazyre.New(`\bREFERENCES (` + name + `)`)

// referred are the tables that a definition refers to: nobody writes those meanwhile.
func referred(definition string) (all []lock) {
	for _, m := range refers.FindAllStringSubmatch(definition, -1) {
		all = append(all, lock{m[1], writes})
	}
	return all
}

var (
	nextAction = lazyre.New(`, (ADD|ALTER|DROP|VALIDATE|ENABLE|DISABLE|RENAME|SET|CLUSTER|REPLICA|OWNER) `)
	mildAction = lazyre.New(`^(?:SET \(|RESET \(|CLUSTER ON |ALTER COLUMN ` + part + ` SET (?:STATISTICS |\())`)
	ofTrigger  = lazyre.New(`^(?:ENABLE|DISABLE) (?:ALWAYS |REPLICA )?TRIGGER `)
	foreignKey = lazyre.New(`^ADD (?:CONSTRAINT (` + part + `) )?FOREIGN KEY `)
	checks     = lazyre.New(`^ADD (?:CONSTRAINT ` + part + ` )?CHECK `)
	unique     = lazyre.New(`^ADD (?:CONSTRAINT ` + part + ` )?(?:UNIQUE|PRIMARY KEY|EXCLUDE) `)
	retypes    = lazyre.New(`^ALTER COLUMN ` + part + ` (?:SET DATA )?TYPE `)
	requires   = lazyre.New(`^ALTER COLUMN ` + part + ` SET NOT NULL`)
	unbinds    = lazyre.New(`^DROP CONSTRAINT (?:IF EXISTS )?(` + part + `)`)
)

// alter is an ALTER TABLE: its strongest action counts.
func (k *known) alter(m []string) (e effect) {
	table := m[2]
	for _, action := range actions(m[3]) {
		w := reads
		switch {
		case strings.HasPrefix(action, "VALIDATE "):
			w, e.scans = ddl, true
		case mildAction.MatchString(action):
			w = ddl
		case ofTrigger.MatchString(action):
			w = writes
		case foreignKey.MatchString(action):
			w = writes
			e.locks = append(e.locks, referred(action)...)
			e.long = e.long || !strings.HasSuffix(action, " NOT VALID")
		case checks.MatchString(action):
			e.long = e.long || !strings.HasSuffix(action, " NOT VALID")
		case unique.MatchString(action):
			e.makes = e.makes || m[1] == "" && !strings.Contains(action, " USING INDEX ")
		case retypes.MatchString(action):
			e.long = e.long || !k.Light
			e.rewrites = e.rewrites || !k.Light && !k.InPlace
		case requires.MatchString(action):
			// A CHECK that proves it goes right after it.
			e.long = e.long || !slices.Contains(k.proved, last(table))
		case unbinds.MatchString(action):
			e.locks = append(e.locks, k.parents[last(unbinds.FindStringSubmatch(action)[1])]...)
		}
		e.locks = append(e.locks, lock{table, w})
	}
	return e
}

// actions are those of an ALTER TABLE.
func actions(text string) (all []string) {
	from := 0
	for _, m := range nextAction.FindAllStringIndex(text, -1) {
		all, from = append(all, text[from:m[0]]), m[0]+len(", ")
	}
	return append(all, text[from:])
}
