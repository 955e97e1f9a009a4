package adopt

import (
	"context"
	"database/sql"
	"fmt"
	"hash/crc32"
	"unicode/utf16"

	"github.com/lib/pq"

	"rung/internal/othertool"
	"rung/runner"
)

// lockKeys are the advisory locks that a tool holds while it runs, by its source:
// of several, which one depends on how it was called.
func lockKeys(h *othertool.History, database string) []int64 {
	sum := func(text string) int64 { return int64(crc32.ChecksumIEEE([]byte(text))) }
	switch h.Tool {
	case "golang-migrate":
		// The name comes from the path of its URL, or from the server.
		key := func(name string) int64 {
			return int64(crc32.ChecksumIEEE([]byte(h.In+"\x00"+h.Name+"\x00"+name)) * 1486364155)
		}
		return []int64{key("/" + database), key(database)}
	case "tern":
		return []int64{9628173550095224}
	case "node-pg-migrate":
		return []int64{7241865325823964}
	case "Prisma":
		return []int64{72707369}
	case "sqitch":
		return []int64{75474063}
	case "sqlx":
		return []int64{0x3d32ad9e * sum(database)}
	case "Rails":
		return []int64{2053462845 * sum(database)}
	case "Flyway":
		return []int64{0x466c79776179 + int64(javaHash(`"`+h.In+`"."`+h.Name+`"`))}
	}
	return nil
}

// javaHash is String.hashCode.
func javaHash(s string) (hash int32) {
	for _, c := range utf16.Encode([]rune(s)) {
		hash = 31*hash + int32(c)
	}
	return hash
}

// lockOut takes the tool's own locks for as long as the reading lasts, or says who
// has one: then a run of it is under way.
func lockOut(ctx context.Context, ask runner.Asker, h *othertool.History) error {
	var database string
	if err := ask(ctx, "SELECT pg_catalog.current_database()::text", func(rows *sql.Rows) error { return rows.Scan(&database) }); err != nil {
		return err
	}
	for _, key := range lockKeys(h, database) {
		var had bool
		q := fmt.Sprintf("SELECT pg_catalog.pg_try_advisory_xact_lock(%d)", key)
		if err := ask(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&had) }); err != nil {
			return err
		}
		if !had {
			return running(h, holder(ctx, ask, key))
		}
	}
	if h.Tool == "knex" {
		return knexLock(ctx, ask, h)
	}
	return nil
}

// holder says who holds an advisory lock, as far as that can be seen.
func holder(ctx context.Context, ask runner.Asker, key int64) string {
	who := "another session"
	q := fmt.Sprintf("SELECT pid FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid::bigint = %d AND objid::bigint = %d "+
		"AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())", int64(uint64(key)>>32), key&0xffffffff)
	_ = ask(ctx, q, func(rows *sql.Rows) error { // who it is only helps
		var pid int
		err := rows.Scan(&pid)
		who = fmt.Sprintf("pid %d", pid)
		return err
	})
	return who
}

// knexLock reads knex's lock, which is a row in a table of its own.
func knexLock(ctx context.Context, ask runner.Asker, h *othertool.History) error {
	lock := othertool.Table{Tool: h.Tool, Schema: h.In, Name: h.Name + "_lock", Has: []string{"is_locked"}}
	found, err := candidates(ctx, ask, []othertool.Table{lock})
	if err != nil {
		return err
	}
	for _, l := range othertool.RecogniseAs([]othertool.Table{lock}, found) {
		var held sql.NullBool
		if err := hold(ctx, ask, &l); err != nil {
			return err
		}
		q := "SELECT bool_or(is_locked::text <> '0') FROM ONLY " + l.Where()
		if err := ask(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&held) }); err != nil {
			return err
		}
		if held.Bool {
			return running(h, pq.QuoteIdentifier(l.Name)+".is_locked")
		}
	}
	return nil
}

func running(h *othertool.History, who string) error {
	return refuse(fmt.Sprintf("%s is running now: %s holds its lock", h.Tool, who), "let it end, and adopt then; where it has died, let its own command free the lock")
}
