// Package dependents reads what depends on a type or a column, as SQL that drops it
// and makes it again.
package dependents

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
)

// Piece is an object that goes before a change of type and comes back after
// it. Its SQL has placeholders instead of values.
type Piece struct {
	What       string
	Drop, Make []string
	// KeepsOut are the values, by place, that a CHECK is there to keep out, and
	// for nothing else.
	KeepsOut []int
}

// Snapshot is what hangs on a type, as SQL that has placeholders for its values.
type Snapshot struct {
	Of      *Hanging           // what was read
	Marks   []string           // by the value's place
	Pieces  []Piece            // in the order in which they are made
	Tables  []string           // all that are touched
	grants  map[int64][]string // by view
	revoke  []string           // who gets privileges on new relations by default
	TypeEnd []string           // owner, grants and comment of the type
	// Defaults of columns by table:number, and those of other columns' too.
	Defaults map[string]string
	Others   []otherDefault
	Children []childColumn
	Storage  map[string]stored // by table:number
	names    []string          // of types in the schema
	Last     bool              // every rebuilt column is the last one of its table
}

type otherDefault struct{ Table, Column, Expr string }

// stored is how a column is, where that is not the type's way.
type stored struct{ Storage, Compression string }

type childColumn struct {
	Key, Root     string // table:number
	Table, Column string
}

// Read reads the definitions of what hangs on a type while each value bears
// a placeholder that occurs nowhere else. All of it is rolled back. Which kinds are
// read, and in which order they are made, is for read to say.
func Read(ctx context.Context, c *catalog.Catalog, e *catalog.Enum, h *Hanging, read func(*Reader) []func() error) (*Snapshot, error) {
	k := &Snapshot{Of: h, grants: map[int64][]string{}, Defaults: map[string]string{}, Storage: map[string]stored{}, Last: true}
	statements := []string{"SET LOCAL lock_timeout = '5s'"}
	var salt [6]byte
	_, _ = rand.Read(salt[:])
	for i, l := range e.Values {
		// With a blank in it, it stands in quotes wherever it is part of an array.
		mark := fmt.Sprintf("rung %s %d.", hex.EncodeToString(salt[:]), i)
		k.Marks = append(k.Marks, mark)
		statements = append(statements, fmt.Sprintf("ALTER TYPE %s RENAME VALUE %s TO %s", e.Full, pgtext.Literal(l), pgtext.Literal(mark)))
	}
	r := &Reader{Ctx: ctx, Db: c, e: e, H: h, K: k}
	err := c.RolledBack(ctx, func() error {
		for _, s := range statements {
			if err := c.ExecTrusted(ctx, s); err != nil {
				return fmt.Errorf("read the definitions: %w", err)
			}
		}
		for _, f := range read(r) {
			var refused *mistake.Mistake
			if err := f(); errors.As(err, &refused) {
				return refused
			} else if err != nil {
				return fmt.Errorf("read the definitions: %w", err)
			}
		}
		return nil
	})
	for _, v := range r.viewPieces {
		k.Pieces = append(k.Pieces[:r.viewsAt], append([]Piece{*v}, k.Pieces[r.viewsAt:]...)...)
		r.viewsAt++
	}
	return k, err
}

// Everything is what a rewrite of the tables carries along.
func Everything(r *Reader) []func() error {
	return []func() error{
		r.Facts, r.Grants, r.ReadDefaults, r.Columns, r.Statistics, r.Parts, r.Indexes,
		func() error { return r.Constraints(false) }, r.Views, func() error { return r.Constraints(true) },
		r.Rules, r.Triggers, r.Policies, r.Publications,
	}
}

// Reader fills a Snapshot.
type Reader struct {
	Ctx        context.Context
	Db         *catalog.Catalog
	e          *catalog.Enum
	H          *Hanging
	K          *Snapshot
	viewPieces []*Piece
	viewOf     map[int64]*Piece
	viewsAt    int
	generated  []generatedColumn
	own        []int64 // indexes of partitions that have something of their own, and their roots
}

// Rows runs one of the queries and hands each row to f.
func (r *Reader) Rows(query string, f func(scan func(...any) error) error, args ...any) error {
	rows, err := r.Db.Query(r.Ctx, catalog.SQL(query), args...)
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

func (r *Reader) add(p Piece) { r.K.Pieces = append(r.K.Pieces, p) }

func (r *Reader) Touches(table string) { r.K.Tables = append(r.K.Tables, table) }

func (r *Reader) Facts() error {
	var owner, said string
	var foreign, extension bool
	err := r.Rows("facts", func(scan func(...any) error) error {
		return scan(&owner, &foreign, &said, &extension, (*pq.StringArray)(&r.K.names))
	}, r.e.OID)
	if err != nil {
		return err
	}
	if extension {
		return mistake.Refusef("%s belongs to an extension", r.e.As)
	}
	if foreign {
		r.K.TypeEnd = append(r.K.TypeEnd, "ALTER TYPE "+r.e.Full+" OWNER TO "+owner)
	}
	if said != "" {
		r.K.TypeEnd = append(r.K.TypeEnd, sqltext.Comment("TYPE "+r.e.Full, said))
	}
	return r.Rows("storage", func(scan func(...any) error) error {
		var table int64
		var number int
		var is stored
		err := scan(&table, &number, &is.Storage, &is.Compression)
		r.K.Storage[fmt.Sprintf("%d:%d", table, number)] = is
		return err
	}, r.e.OID, r.e.Array)
}

func (r *Reader) Grants() error {
	err := r.Rows("revoke", func(scan func(...any) error) error {
		var who string
		var ofType bool
		err := scan(&who, &ofType)
		if ofType {
			r.K.TypeEnd = append(r.K.TypeEnd, "REVOKE ALL ON TYPE "+r.e.Full+" FROM "+who)
		} else {
			r.K.revoke = append(r.K.revoke, who)
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.Rows("grants", func(scan func(...any) error) error {
		var oid int64
		var sub int
		var grant, name string
		var foreign bool
		if err := scan(&oid, &sub, &grant, &foreign, &name); err != nil {
			return err
		}
		if foreign {
			return mistake.Refusef("rights on %s were granted by another role than its owner (%s), and would come back as the owner's", name, grant)
		}
		if oid == int64(r.e.OID) {
			r.K.TypeEnd = append(r.K.TypeEnd, grant)
			return nil
		}
		r.K.grants[oid] = append(r.K.grants[oid], grant)
		return nil
	}, pq.Array(r.H.Views), r.e.OID)
}

// FreeType is a name like a type's that no type of the schema has.
func (k *Snapshot) FreeType(name, suffix string) string {
	free := sqltext.Name(name, suffix)
	for i := 2; sqltext.Has(k.names, free) || sqltext.Has(k.names, "_"+free); i++ {
		free = sqltext.Name(name, fmt.Sprint(suffix, i))
	}
	return free
}

// Fill puts values in place of the placeholders; in an array literal they are quoted
// as its elements are.
func (k *Snapshot) Fill(statement string, value func(i int) string) string {
	for i, mark := range k.Marks {
		if !strings.Contains(statement, mark) {
			continue
		}
		l := value(i)
		statement = strings.ReplaceAll(statement, `"`+mark+`"`, strings.ReplaceAll(sqltext.ArrayElement(l), "'", "''"))
		statement = strings.ReplaceAll(statement, mark, strings.ReplaceAll(l, "'", "''"))
	}
	return statement
}
