package script

// body follows the SQL-standard body of a routine, BEGIN ATOMIC … END, whose
// semicolons end no statement.
//
// psqlscan.l guesses here: after CREATE [OR REPLACE] FUNCTION or PROCEDURE it
// counts every BEGIN and CASE up and every END down, so a column label `AS
// end`, a `t.end` or a parameter type named begin leads it astray. The grammar
// (opt_routine_body in src/backend/parser/gram.y) allows to be exact: each
// statement of the body ends with a semicolon, so the END that closes the body
// is the one that follows a semicolon or ATOMIC itself. The END of a CASE, a
// label and a column never do.
type body struct {
	open   bool
	at     int // where BEGIN stands
	begin  bool
	atStop bool // right after ATOMIC or a semicolon of the body
}

// took follows a token outside of parentheses; words are those of the
// statement, that token with them.
func (b *body) took(words []string, k kind, text []byte, from int) {
	switch {
	case b.open:
		if b.atStop && k == word && is(text, "END") {
			b.open = false
		}
		b.atStop = len(text) == 1 && text[0] == ';'
	case b.begin && k == word && is(text, "ATOMIC"):
		b.open, b.atStop = true, true
	default:
		b.begin = k == word && is(text, "BEGIN") && createsRoutine(words)
		b.at = from
	}
}

func createsRoutine(words []string) bool {
	if len(words) > 3 && words[0] == "CREATE" && words[1] == "OR" && words[2] == "REPLACE" {
		words = words[2:]
	} else if len(words) < 2 || words[0] != "CREATE" {
		return false
	}
	return words[1] == "FUNCTION" || words[1] == "PROCEDURE"
}
