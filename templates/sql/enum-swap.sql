-- Purpose: change an enum type in any way, in one transaction with one rewrite of each table
-- Parameters:
--   type: the enum type
--   values (optional): the labels that are wanted, in order; default: those that are there, with the map applied
--   map (optional): what becomes of labels that go, like todo=pending,done=complete; a label that holds a comma or = stands in quotes
-- Locks: ACCESS EXCLUSIVE on every table that has the type, and on those that foreign keys tie to its columns, until the whole file has
--   committed: about 4 s for a million rows. For a big table that must not stop, see enum-retire
--   and enum-online.
-- Steps:
--   1. Lock the tables, and stop where rows bear a label that has no place, or would share a unique key
--   2. Drop what depends on the type: views, partial indexes, checks, policies, triggers, …
--   3. Make the new type under the old name, and rewrite each table once
--   4. Make again what was dropped, with the new labels, its owner, grants and comments
--   5. Drop the old type without CASCADE, as the proof that nothing was missed
-- Example:
--   rung new change_task_status --template enum-swap --set type=status --set 'values=pending,active,complete' --set 'map=todo=pending,in_progress=active,done=complete'

-- == up ==
{{- with .up}}
{{- if .Lock}}
-- Nobody reads or writes these tables until all of this has committed.
{{.Lock}}
{{- end}}
{{- with .Sees}}
{{.}}
{{- end}}
{{- if .Check}}

-- A row whose label has no place stops this before anything has changed.
{{.Check}}
{{- end}}
{{- if .Doubled}}

-- Nor must rows share a unique key, once their labels are one.
{{.Doubled}}
{{- end}}
{{- if .Keep}}

-- Which row had which of the labels that become one: the way back needs it.
-- Drop it in a later migration, when there is no way back.
{{.Keep}}
{{- end}}
{{- if .Drop}}

-- These name the type's labels or its columns, and come back below.
{{.Drop}}
{{- end}}

ALTER TYPE {{$.e.Full}} RENAME TO {{.Aside}};

{{.Create}}
{{- if .Alter}}

-- One ALTER TABLE for each table is one rewrite. A label that is not listed
-- keeps its name; one that the new type lacks is an error, never a NULL.
{{.Alter}}
{{- end}}
{{- if .Make}}

-- As before, with the new labels.
{{.Make}}
{{- end}}

-- Without CASCADE: did anything still use the old type, all of this would be undone.
DROP TYPE {{.Old}};
{{- if .Touch}}

-- Open sessions keep plans of these functions with the old type. Any change,
-- even to the same value, makes them plan anew.
{{- range .Touch}}
{{.}};
{{- end}}
{{- end}}
{{- if .Tables}}

-- The rewritten columns have no statistics.
{{- range .Tables}}
ANALYZE {{.}};
{{- end}}
{{- end}}
{{- end}}

-- == down ==
{{- if .irreversible}}
-- rung:irreversible {{.irreversible}}
{{- else}}
{{- with .down}}
{{- if .Lock}}
-- The same way back: every label, view, index and check as it was.
{{.Lock}}
{{- end}}
{{- with .Sees}}
{{.}}
{{- end}}
{{- if .Check}}

-- A row whose label has no place stops this before anything has changed.
{{.Check}}
{{- end}}
{{- if .Drop}}

{{.Drop}}
{{- end}}

ALTER TYPE {{$.e.Full}} RENAME TO {{.Aside}};

{{.Create}}
{{- if .Alter}}

{{.Alter}}
{{- end}}
{{- if .Restore}}

-- Rows whose labels were merged get theirs back.
{{.Restore}}
{{- end}}
{{- if .Make}}

{{.Make}}
{{- end}}

DROP TYPE {{.Old}};
{{- if .Forget}}

{{.Forget}}
{{- end}}
{{- if .Touch}}

-- Open sessions plan these functions anew.
{{- range .Touch}}
{{.}};
{{- end}}
{{- end}}
{{- if .Tables}}
{{""}}
{{- range .Tables}}
ANALYZE {{.}};
{{- end}}
{{- end}}
{{- end}}
{{- end}}
