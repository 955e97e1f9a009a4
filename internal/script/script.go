// Package script splits one SQL file the way PostgreSQL and psql would: into
// statements, COPY data blocks and rung's own directives. It knows SQL's
// lexical rules and nothing of databases, migrations or transactions.
package script

// Pos is a place in the folded file: Line and Col count from 1, Col in
// characters (a tab is one).
type Pos struct{ Line, Col int }

// File is what Split found in one SQL file.
type File struct {
	// Checksum is the SHA-256 of the folded bytes (no BOM, LF line ends), in hex.
	Checksum string
	// Size is the number of folded bytes, COPY data included.
	Size int64
	// Statements tile the file: their Texts and Data, followed by Tail, are
	// the folded file, save that psql's \restrict lines are blanked.
	Statements []Statement
	// Tail is what follows the last statement: blanks and comments.
	Tail string
	// Directives are all "-- rung:" comments of the file, in order.
	Directives []Directive
	// NotText is true where something in it is no UTF-8, or a NUL: no server
	// takes that in. The checksum may then be that of its beginning only.
	NotText bool
	// Problems are all that is wrong with the file, in order of place.
	Problems []Problem
}

// Statement is one SQL statement.
type Statement struct {
	// Text runs from the end of the statement before (so it starts with the
	// blanks and comments above this one) through the semicolon, if it has one.
	// Of a COPY … FROM STDIN it runs through the end of the line that the
	// data starts after. A last statement without a semicolon ends with its
	// last token. Semicolons with no statement before them stand in the gaps:
	// no Statement is empty.
	Text string
	// Lead is the number of bytes of Text before the first token.
	Lead int
	// Pos is the place of the first token; Start that of Text's first byte.
	Pos, Start Pos
	// Words are the first tokens outside parentheses: keywords and bare
	// identifiers in upper case (ASCII), quoted identifiers as written with
	// their quotes, "(" and ")" for a parenthesis and all it holds, "'" for
	// any string, and every other token as written, save the semicolon that
	// ends the statement. At most MaxWords.
	Words []string
	// Params has bit n set when the statement holds the parameter $n, n < 64.
	Params uint64
	// Terminated is false for a last statement that has no semicolon.
	Terminated bool
	// Data is the data block of a COPY … FROM STDIN;, otherwise nil.
	Data *Data
	// Directives are the indexes, in File.Directives, of those that stand in
	// Text's leading comments.
	Directives []int
}

// Data is a COPY data block. It is never held in memory.
type Data struct {
	// Offset and Size tell where it lies, in bytes of the folded file, without
	// the line that ends it.
	Offset, Size int64
	// Terminator is the number of folded bytes of the line `\.` with its line
	// end: 3, 2 at the end of a file without a newline, or 0 if it is missing,
	// which is a problem.
	Terminator int
	// Line is the line that the data starts on.
	Line int
	// Checksum is the SHA-256 of the data, in hex.
	Checksum string
}

// Directive is a comment line `-- rung:NAME ARGS` that starts a line.
type Directive struct {
	Name, Args string
	Pos        Pos
	// Statement is the index of the statement that it stands above, or
	// len(File.Statements) when none follows.
	Statement int
	// Inside is true when it stands between the tokens of that statement,
	// where only `rung:allow` has a meaning.
	Inside bool
}

// Problem is something wrong in the file, and its fix.
type Problem struct {
	Pos  Pos
	What string
	Fix  string
}

// MaxWords is the most Words a Statement carries.
const MaxWords = 64
