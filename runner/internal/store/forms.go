package store

import (
	"fmt"
	"slices"
	"strings"

	"rung/internal/english"
	"rung/internal/pgtext"
)

// formColumns are the columns that each form of the history tables has added, by
// table: what is compared with a database where they cannot be read as they
// should. The files under sql/format say the same, and a test compares.
var formColumns = []map[string]string{
	{
		"format":     "version upgraded_at",
		"migrations": "version name state up_checksum down_checksum up_sql down_sql applied_by applied_at duration run rung_version plan_hash adopted_from",
		"steps":      "version direction step checksum state prior_indexes started_at finished_at run",
		"log":        "id at actor action version name checksum duration run rung_version note",
	},
	{
		"steps":   "batch_key upper_key estimate",
		"batches": "version direction step after_key first_key last_key keys rows duration committed_at run",
		"control": "version paused rows rows_at target_ms pause_ms workers changed_by changed_at",
	},
	{}, // the third makes CHECKs anew
	{
		"migrations": "scope", "steps": "scope", "batches": "scope", "control": "scope",
		"log":     "scope role os_user host job file line col step sqlstate message",
		"applied": "version name state up_checksum down_checksum has_up_sql has_down_sql applied_by applied_at duration run rung_version plan_hash adopted_from scope",
	},
	{"steps": "key_types key_ids"},
	{"background": "scope version state estimate registered_at registered_by run started_at attempts failed_at error error_code error_keys next_try_at"},
	{"texts": "checksum sql"},
}

// The forms that brought what a reader has to know of.
const (
	FormatOfBatches = 2
	FormatOfScopes  = 4
	// FormatOfBackground has the background backfills.
	FormatOfBackground = 6
	// FormatOfTexts keeps the texts of scopes' files once for all of them.
	FormatOfTexts = 7
)

// ColumnsOf are the columns that the tables of a form have, as table.column.
func ColumnsOf(form int) (all []string) {
	for _, tables := range formColumns[:min(form, len(formColumns))] {
		for table, columns := range tables {
			for _, c := range strings.Fields(columns) {
				all = append(all, table+"."+c)
			}
		}
	}
	slices.Sort(all)
	return all
}

// isWhole reports whether these are all columns that some form has.
func isWhole(there []string) bool {
	for n := range formColumns {
		if len(there) == len(ColumnsOf(n+1)) {
			return true
		}
	}
	return false
}

// historyTables are the names of the tables and the view that any form has.
func historyTables() (names Key) {
	for _, tables := range formColumns {
		for table := range tables {
			if !slices.Contains(names, table) {
				names = append(names, table)
			}
		}
	}
	slices.Sort(names)
	return names
}

// countColumns is the SQL that counts the columns of the history tables: whether
// all are there is known with the first read, and for all commands alike.
func (b Book) countColumns() string {
	var tables []string
	for _, c := range ColumnsOf(FormatNow) {
		table, _, _ := strings.Cut(c, ".")
		call := "pg_catalog.to_regclass(" + pgtext.Literal(pgtext.Ident(b.Schema)+"."+table) + ")"
		if !slices.Contains(tables, call) {
			tables = append(tables, call)
		}
	}
	return string(b.expression("columns_there", Values{"tables": Fragment(strings.Join(tables, ", "))}))
}

// HistoryError says that the history tables are there and are not what any rung
// has made: without their rows, or without some of them.
type HistoryError struct {
	Schema string
	What   string
	Hint   string

	// Form is what they are of, and fixable true where that only has to be
	// noted again.
	Form    int
	Fixable bool
}

func (e *HistoryError) Error() string {
	return fmt.Sprintf("the history tables in schema %s %s", pgtext.Ident(e.Schema), e.What)
}

// diagnose says what is wrong with history tables that have these columns, or
// nil: they are not there, or as they should be. Noted is the form that they say
// they are of, 0 for none, and rows whether rung.migrations has any.
func diagnose(schema string, there []string, noted int) *HistoryError {
	e := &HistoryError{Schema: schema}
	if noted > len(formColumns) {
		return nil
	}
	for n := range formColumns {
		if slices.ContainsFunc(there, func(c string) bool { return !slices.Contains(ColumnsOf(n), c) && slices.Contains(ColumnsOf(n+1), c) }) {
			e.Form = n + 1
		}
	}
	var gone, lacking []string
	for _, c := range ColumnsOf(max(e.Form, noted)) {
		table, _, _ := strings.Cut(c, ".")
		switch {
		case slices.Contains(there, c) || slices.Contains(gone, table):
		case !slices.ContainsFunc(there, func(c string) bool { return strings.HasPrefix(c, table+".") }):
			gone = append(gone, table)
		default:
			lacking = append(lacking, c)
		}
	}
	quoted := pgtext.Ident(schema)
	another := fmt.Sprintf("restore the schema from a backup; or rename it (ALTER SCHEMA %s RENAME TO %s) and record what the database has with `rung baseline --to VERSION`", quoted, pgtext.Ident(schema+"_old"))
	switch {
	case e.Form == 0:
		return nil
	case len(lacking) == 0 && len(gone) == 0 && noted > 0 && len(ColumnsOf(noted)) == len(ColumnsOf(e.Form)):
		return nil
	case len(lacking) == 0 && len(gone) == 0 && noted == 0:
		e.Fixable = true
		e.What = "have no row in format: they were emptied, or restored without their rows"
		e.Hint = "if the database already has the migrations, `rung baseline --to VERSION` records them; otherwise `rung repair` writes that row again and keeps the rows of the other tables"
	case len(lacking) == 0 && len(gone) == 0:
		e.What = fmt.Sprintf("claim format %d and have the tables of format %d", noted, e.Form)
		e.Hint = another
	case len(lacking) == 0 && !slices.ContainsFunc(gone, func(t string) bool { return t != "format" && t != "applied" }):
		e.Fixable = true
		e.What = fmt.Sprintf("lack %s", strings.Join(gone, " and "))
		e.Hint = "`rung repair` creates it again; the other tables are intact"
	case len(lacking) == 0:
		e.What = fmt.Sprintf("are incomplete: %s %s missing", strings.Join(gone, ", "), english.IsOrAre(len(gone)))
		e.Hint = another + ". If the tables there are not rung's, name another --history-schema"
	default:
		e.What = fmt.Sprintf("lack the column%s %s", english.Plural(len(lacking)), strings.Join(lacking, ", "))
		if len(gone) > 0 {
			e.What = fmt.Sprintf("are incomplete: %s %s missing, and the column%s %s", strings.Join(gone, ", "), english.IsOrAre(len(gone)), english.Plural(len(lacking)), strings.Join(lacking, ", "))
		}
		e.Hint = another + ". If the tables there are not rung's, name another --history-schema"
	}
	return e
}
