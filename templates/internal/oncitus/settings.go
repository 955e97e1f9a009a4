package oncitus

import (
	"slices"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/script"
)

const (
	unsafeTriggers = "-- Citus: the trigger reads and writes its own row alone, so it is right on each shard.\nSET citus.enable_unsafe_triggers = on;\n"
	sequential     = "-- Citus: what every node has, like a type or a function, cannot change beside what runs on\n-- several connections to a node.\nSET LOCAL citus.multi_shard_modify_mode = 'sequential';\n"
)

var (
	// Citus asks for the setting to drop a trigger and to enable one, too (commands/trigger.c).
	ofTrigger  = lazyre.New(`(?s)^((CREATE (OR REPLACE )?|DROP |ALTER )TRIGGER|ALTER TABLE\b.*\b(ENABLE|DISABLE)( ALWAYS| REPLICA)? TRIGGER)\b`)
	ofAllNodes = lazyre.New(`^(CREATE|ALTER|DROP) (OR REPLACE )?(TYPE|FUNCTION|VIEW)\b`)
	addsValue  = lazyre.New(`(?s)^ALTER TYPE .* (ADD|RENAME) VALUE `)
	ofTables   = lazyre.New(`^(ALTER (TABLE|INDEX)|(CREATE|DROP) (UNIQUE )?(INDEX|TRIGGER|POLICY|STATISTICS|TABLE)|CREATE OR REPLACE TRIGGER|LOCK|SELECT|INSERT|UPDATE|DELETE|DO)\b`)
	retypes    = lazyre.New(`(?s)^ALTER TABLE\b.*\bALTER COLUMN \S+ TYPE `)
	byItself   = lazyre.New(`(?m)^-- rung:(no-transaction|batch)|\bCONCURRENTLY\b`)
	ofHead     = lazyre.New(`^-- rung:(no-transaction|irreversible|background|requires|secret)\b`)
)

// settings writes into a file for a table of the cluster's what the workers ask for: for
// triggers at its head, and in each transaction that needs it the sequential mode.
func settings(text string) (string, error) {
	file, err := script.Split(strings.NewReader(text))
	if err != nil {
		return "", err
	}
	var bare []string
	for _, s := range file.Statements {
		bare = append(bare, s.Text[s.Lead:])
	}
	var b strings.Builder
	stepwise := byItself.MatchString(text) || slices.ContainsFunc(bare, begins)
	for i, s := range file.Statements {
		if i == 0 {
			head, rest := cutHead(s.Text[:s.Lead])
			b.WriteString(head)
			if slices.ContainsFunc(bare, ofTrigger.MatchString) {
				b.WriteString(unsafeTriggers + "\n")
			}
			if !stepwise && changesNodes(bare) {
				b.WriteString(sequential + "\n")
			}
			b.WriteString(rest + bare[0])
		} else {
			b.WriteString(s.Text)
		}
		if begins(bare[i]) && changesNodes(block(bare[i+1:])) {
			b.WriteString("\n\n" + strings.TrimSuffix(sequential, "\n"))
		}
	}
	b.WriteString(file.Tail)
	return b.String(), nil
}

func begins(statement string) bool { return statement == "BEGIN;" }

// block is what comes before COMMIT.
func block(statements []string) []string {
	if end := slices.Index(statements, "COMMIT;"); end >= 0 {
		return statements[:end]
	}
	return statements
}

// changesNodes reports whether a transaction changes what every node has, once it has
// used the connections to the shards; a type's columns count as both.
func changesNodes(statements []string) bool {
	used := false
	for _, s := range statements {
		if retypes.MatchString(s) || used && ofAllNodes.MatchString(s) && !addsValue.MatchString(s) {
			return true
		}
		used = used || ofTables.MatchString(s)
	}
	return false
}

// cutHead splits what stands above the first statement: into the file's first comments
// and directives, and the comment of the statement itself.
func cutHead(above string) (head, rest string) {
	lines := strings.SplitAfter(above, "\n")
	at := len(lines)
	for at > 0 && lines[at-1] == "" {
		at--
	}
	for at > 0 && strings.HasPrefix(lines[at-1], "--") && !ofHead.MatchString(lines[at-1]) {
		at--
	}
	return strings.Join(lines[:at], ""), strings.Join(lines[at:], "")
}
