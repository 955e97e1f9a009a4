package templates

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

// piece is an object that goes before a change of type and comes back after
// it. Its SQL bears marks instead of labels.
type piece struct {
	What       string
	Drop, Make []string
	// keepsOut are the labels, by place, that a CHECK is there to keep out, and
	// for nothing else.
	keepsOut []int
}

// capture is what hangs on a type, as SQL that bears marks for its labels.
type capture struct {
	of      *hanging           // what was read
	marks   []string           // by the label's place
	pieces  []piece            // in the order in which they are made
	tables  []string           // all that are touched
	grants  map[int64][]string // by view
	revoke  []string           // who gets privileges on new relations by default
	typeEnd []string           // owner, grants and comment of the type
	// defaults of columns by table:number, and those of other columns' too.
	defaults map[string]string
	others   []otherDefault
	children []childColumn
	storage  map[string]stored // by table:number
	names    []string          // of types in the schema
	last     bool              // every rebuilt column is the last one of its table
}

type otherDefault struct{ Table, Column, Expr string }

// stored is how a column is, where that is not the type's way.
type stored struct{ Storage, Compression string }

type childColumn struct {
	Key, Root     string // table:number
	Table, Column string
}

// capture reads the definitions of what hangs on a type while each label bears
// a mark that occurs nowhere else. All of it is rolled back. Which kinds are
// read, and in which order they are made, is for read to say.
func (c *Catalog) capture(ctx context.Context, e *Enum, h *hanging, read func(*reader) []func() error) (*capture, error) {
	k := &capture{of: h, grants: map[int64][]string{}, defaults: map[string]string{}, storage: map[string]stored{}, last: true}
	statements := []string{"SET LOCAL lock_timeout = '5s'"}
	var salt [6]byte
	_, _ = rand.Read(salt[:])
	for i, l := range e.Labels {
		// With a blank in it, it stands in quotes wherever it is part of an array.
		mark := fmt.Sprintf("rung %s %d.", hex.EncodeToString(salt[:]), i)
		k.marks = append(k.marks, mark)
		statements = append(statements, fmt.Sprintf("ALTER TYPE %s RENAME VALUE %s TO %s", e.Full, pgtext.Literal(l), pgtext.Literal(mark)))
	}
	r := &reader{ctx: ctx, db: c, e: e, h: h, k: k}
	err := c.rolledBack(ctx, func() error {
		for _, s := range statements {
			if err := c.execTrusted(ctx, s); err != nil {
				return fmt.Errorf("read the definitions: %w", err)
			}
		}
		for _, f := range read(r) {
			var refused *Mistake
			if err := f(); errors.As(err, &refused) {
				return refused
			} else if err != nil {
				return fmt.Errorf("read the definitions: %w", err)
			}
		}
		return nil
	})
	for _, v := range r.viewPieces {
		k.pieces = append(k.pieces[:r.viewsAt], append([]piece{*v}, k.pieces[r.viewsAt:]...)...)
		r.viewsAt++
	}
	return k, err
}

// everything is what a rewrite of the tables carries along.
func everything(r *reader) []func() error {
	return []func() error{
		r.facts, r.grants, r.readDefaults, r.columns, r.statistics, r.parts, r.indexes,
		func() error { return r.constraints(false) }, r.views, func() error { return r.constraints(true) },
		r.rules, r.triggers, r.policies, r.publications,
	}
}

// reader fills a capture.
type reader struct {
	ctx        context.Context
	db         *Catalog
	e          *Enum
	h          *hanging
	k          *capture
	viewPieces []*piece
	viewOf     map[int64]*piece
	viewsAt    int
	generated  []generatedColumn
	own        []int64 // indexes of partitions that have something of their own, and their roots
}

// rows runs one of the queries and hands each row to f.
func (r *reader) rows(query string, f func(scan func(...any) error) error, args ...any) error {
	rows, err := r.db.query(r.ctx, enumSQL(query), args...)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	return rows.Err()
}

func (r *reader) add(p piece) { r.k.pieces = append(r.k.pieces, p) }

func (r *reader) touches(table string) { r.k.tables = append(r.k.tables, table) }

func comment(on, text string) string { return "COMMENT ON " + on + " IS " + pgtext.Literal(text) }

func (r *reader) facts() error {
	var owner, said string
	var foreign, extension bool
	err := r.rows("facts", func(scan func(...any) error) error {
		return scan(&owner, &foreign, &said, &extension, (*pq.StringArray)(&r.k.names))
	}, r.e.OID)
	if err != nil {
		return err
	}
	if extension {
		return refusef("%s belongs to an extension", r.e.As)
	}
	if foreign {
		r.k.typeEnd = append(r.k.typeEnd, "ALTER TYPE "+r.e.Full+" OWNER TO "+owner)
	}
	if said != "" {
		r.k.typeEnd = append(r.k.typeEnd, comment("TYPE "+r.e.Full, said))
	}
	return r.rows("storage", func(scan func(...any) error) error {
		var table int64
		var number int
		var is stored
		err := scan(&table, &number, &is.Storage, &is.Compression)
		r.k.storage[fmt.Sprintf("%d:%d", table, number)] = is
		return err
	}, r.e.OID, r.e.Array)
}

func (r *reader) grants() error {
	err := r.rows("revoke", func(scan func(...any) error) error {
		var who string
		var ofType bool
		err := scan(&who, &ofType)
		if ofType {
			r.k.typeEnd = append(r.k.typeEnd, "REVOKE ALL ON TYPE "+r.e.Full+" FROM "+who)
		} else {
			r.k.revoke = append(r.k.revoke, who)
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.rows("grants", func(scan func(...any) error) error {
		var oid int64
		var sub int
		var grant, name string
		var foreign bool
		if err := scan(&oid, &sub, &grant, &foreign, &name); err != nil {
			return err
		}
		if foreign {
			return refusef("rights on %s were granted by another role than its owner (%s), and would come back as the owner's", name, grant)
		}
		if oid == int64(r.e.OID) {
			r.k.typeEnd = append(r.k.typeEnd, grant)
			return nil
		}
		r.k.grants[oid] = append(r.k.grants[oid], grant)
		return nil
	}, pq.Array(r.h.views), r.e.OID)
}

// freeType is a name like a type's that no type of the schema has.
func (k *capture) freeType(name, suffix string) string {
	free := Name(name, suffix)
	for i := 2; has(k.names, free) || has(k.names, "_"+free); i++ {
		free = Name(name, fmt.Sprint(suffix, i))
	}
	return free
}

// fill puts labels in place of the marks; in an array literal they are quoted
// as its elements are.
func (k *capture) fill(statement string, label func(i int) string) string {
	for i, mark := range k.marks {
		if !strings.Contains(statement, mark) {
			continue
		}
		l := label(i)
		statement = strings.ReplaceAll(statement, `"`+mark+`"`, strings.ReplaceAll(arrayElement(l), "'", "''"))
		statement = strings.ReplaceAll(statement, mark, strings.ReplaceAll(l, "'", "''"))
	}
	return statement
}
