package proof

import (
	"fmt"
	"slices"
	"strings"
)

// Change is an object that a statement created, altered or dropped.
type Change struct {
	// Action is created, altered or dropped.
	Action string `json:"action"`
	// Kind and Name are those of the object: "column", "public.users.name".
	Kind string `json:"kind"`
	Name string `json:"name"`
	// What says for an altered one what is other, or is "".
	What string `json:"what,omitempty"`
}

// String is the change in words: "column public.t.n dropped".
func (c Change) String() string {
	s := c.Kind + " " + c.Name + " " + c.Action
	if c.What != "" {
		s += ": " + c.What
	}
	return s
}

// changes lists what differs between two looks, tables first.
func changes(b, a *look) []Change {
	all := relationChanges(b, a)
	all = append(all, columnChanges(b, a)...)
	all = append(all, constraintChanges(b, a)...)
	all = append(all, objectChanges(b, a)...)
	return withAltered(b, a, all)
}

func relationChanges(b, a *look) (all []Change) {
	add := func(action string, r *relation, what string) {
		if r.Schema != "pg_toast" {
			all = append(all, Change{action, relationKinds[r.Kind], r.full(), what})
		}
	}
	for _, oid := range sortedOIDs(a.relations) {
		is, was := a.relations[oid], b.relations[oid]
		switch {
		case was == nil:
			add("created", is, "")
		case was.full() != is.full():
			add("altered", was, "is now "+is.full())
		case was.Parent != is.Parent && is.Parent == 0:
			add("altered", is, "is no partition of "+nameIn(b, was.Parent)+" any more")
		case was.Parent != is.Parent:
			add("altered", is, "is a partition of "+nameIn(a, is.Parent))
		case was.RLS != is.RLS:
			add("altered", is, "row level security is "+onOff(is.RLS))
		}
	}
	for _, oid := range sortedOIDs(b.relations) {
		if a.relations[oid] == nil {
			add("dropped", b.relations[oid], "")
		}
	}
	return all
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func nameIn(l *look, oid int64) string {
	if r := l.relations[oid]; r != nil {
		return r.full()
	}
	return fmt.Sprintf("oid %d", oid)
}

// pairs are the columns of the tables that both looks have, in order.
func pairs(b, a *look) (keys []columnKey) {
	seen := func(l *look) {
		for k := range l.columns {
			if b.relations[k.table] != nil && a.relations[k.table] != nil {
				keys = append(keys, k)
			}
		}
	}
	seen(b)
	seen(a)
	slices.SortFunc(keys, func(x, y columnKey) int {
		if x.table != y.table {
			return int(x.table - y.table)
		}
		return x.number - y.number
	})
	return slices.Compact(keys)
}

func columnChanges(b, a *look) (all []Change) {
	for _, k := range pairs(b, a) {
		was, is := b.columns[k], a.columns[k]
		switch {
		case was == nil:
			all = append(all, Change{"created", "column", nameIn(a, k.table) + "." + is.Name, is.Type})
		case is == nil:
			all = append(all, Change{"dropped", "column", nameIn(b, k.table) + "." + was.Name, ""})
		default:
			if what := was.differs(is); what != "" {
				all = append(all, Change{"altered", "column", nameIn(b, k.table) + "." + was.Name, what})
			}
		}
	}
	return all
}

// differs says what of a column is other.
func (c *column) differs(is *column) string {
	var what []string
	if c.Name != is.Name {
		what = append(what, "is now "+is.Name)
	}
	if c.retyped(is) {
		what = append(what, "type "+c.Type+" is now "+is.Type)
	}
	if c.NotNull != is.NotNull {
		what = append(what, map[bool]string{true: "is now NOT NULL", false: "may be NULL now"}[is.NotNull])
	}
	if c.redefaulted(is) {
		what = append(what, fmt.Sprintf("default is now %s, was %s", orNone(is.Default), orNone(c.Default)))
	}
	return strings.Join(what, ", ")
}

func (c *column) retyped(is *column) bool { return c.TypeMark != is.TypeMark }

// recollated reports whether it has another collation, and had one.
func (c *column) recollated(is *column) bool {
	was, now := strings.Fields(c.TypeMark)[2], strings.Fields(is.TypeMark)[2]
	return was != now && was != "0" && now != "0"
}

func (c *column) redefaulted(is *column) bool {
	return c.DefaultMark != is.DefaultMark && c.Default != is.Default && !c.retyped(is)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// constraintSorts are those of pg_constraint.contype.
var constraintSorts = map[string]string{"c": "CHECK", "f": "foreign key", "p": "primary key", "u": "unique constraint", "x": "exclusion constraint", "n": "NOT NULL constraint"}

// ofColumn reports whether the column has said it: from 18 on NOT NULL is a
// constraint too.
func (k *constraint) ofColumn() bool { return k.Sort == "n" && k.Valid && k.Domain == 0 }

func constraintChanges(b, a *look) (all []Change) {
	name := func(l *look, k *constraint) string {
		if k.Domain != 0 {
			return k.Name + " of a domain"
		}
		return k.Name + " of " + nameIn(l, k.Table)
	}
	for _, oid := range sortedOIDs(a.constraints) {
		is, was := a.constraints[oid], b.constraints[oid]
		switch {
		case was == nil && b.relations[is.Table] == nil && is.Domain == 0:
			// Part of a new table.
		case was == nil && is.ofColumn():
		case was == nil && is.Valid:
			all = append(all, Change{"created", constraintSorts[is.Sort], name(a, is), ""})
		case was == nil:
			all = append(all, Change{"created", constraintSorts[is.Sort], name(a, is), "NOT VALID"})
		case !was.Valid && is.Valid:
			all = append(all, Change{"altered", constraintSorts[is.Sort], name(a, is), "validated"})
		}
	}
	for _, oid := range sortedOIDs(b.constraints) {
		was := b.constraints[oid]
		if a.constraints[oid] == nil && !was.ofColumn() && (was.Domain != 0 || a.relations[was.Table] != nil) {
			all = append(all, Change{"dropped", constraintSorts[was.Sort], name(b, was), ""})
		}
	}
	return all
}

func objectChanges(b, a *look) (all []Change) {
	name := func(l *look, o *catalogObject) string {
		if o.Kind == "enum value" {
			if t := l.objects[objectKey{"type", o.Table}]; t != nil {
				return o.Name + " of " + t.Name
			}
		}
		if o.Table != 0 {
			return o.Name + " of " + nameIn(l, o.Table)
		}
		return o.Name
	}
	for _, key := range objectKeys(a) {
		is, was := a.objects[key], b.objects[key]
		switch {
		case was == nil && key.kind == "enum value" && b.objects[objectKey{"type", is.Table}] == nil:
			// Part of a new type.
		case was == nil:
			all = append(all, Change{"created", key.kind, name(a, is), ""})
		case was.Row != is.Row && key.kind == "extension":
			all = append(all, Change{"altered", key.kind, is.Name, "version " + was.Row + " is now " + is.Row})
		case was.Row != is.Row:
			all = append(all, Change{"altered", key.kind, name(a, is), ""})
		case was.Name != is.Name && (key.kind == "enum value" || key.kind == "schema" || key.kind == "trigger" || key.kind == "policy"):
			all = append(all, Change{"altered", key.kind, name(b, was), "is now " + is.Name})
		}
	}
	for _, key := range objectKeys(b) {
		was := b.objects[key]
		gone := a.objects[key] == nil
		if gone && key.kind == "enum value" && a.objects[objectKey{"type", was.Table}] == nil {
			continue
		}
		if gone {
			all = append(all, Change{"dropped", key.kind, name(b, was), ""})
		}
	}
	return all
}

func objectKeys(l *look) []objectKey {
	keys := make([]objectKey, 0, len(l.objects))
	for k := range l.objects {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y objectKey) int {
		if x.kind != y.kind {
			return strings.Compare(x.kind, y.kind)
		}
		return int(x.oid - y.oid)
	})
	return keys
}

// withAltered adds the tables whose row in pg_class is another one, and of which
// nothing else is said.
func withAltered(b, a *look, all []Change) []Change {
	for _, oid := range sortedOIDs(a.relations) {
		is, was := a.relations[oid], b.relations[oid]
		if was == nil || was.Row == is.Row || was.Schema == "pg_toast" || slices.ContainsFunc(all, func(c Change) bool {
			return c.Name == was.full() || strings.HasPrefix(c.Name, was.full()+".") || strings.HasSuffix(c.Name, " of "+was.full())
		}) {
			continue
		}
		what := ""
		if was.File != is.File {
			what = "rewritten"
		}
		all = append(all, Change{"altered", relationKinds[is.Kind], is.full(), what})
	}
	return all
}
