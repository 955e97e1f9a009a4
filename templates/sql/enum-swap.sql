-- Purpose: change an enum type in any way, in one transaction with one rewrite of each table
-- Parameters:
--   type: the enum type
--   values (optional): the wanted enum values, in order; default: the existing ones, with the map applied
--   map (optional): what becomes of values that go, like todo=pending,done=complete; quote a value that contains a comma or =
-- Locks: ACCESS EXCLUSIVE on every table that has the type, and on those that foreign keys tie to its columns, until the whole file has
--   committed: about 4 s for a million rows. For a big table that must not stop, see enum-retire
--   and enum-online.
-- Steps:
--   1. Lock the tables, and stop where rows have a value that the new type lacks, or would share a unique key
--   2. Drop what depends on the type: views, partial indexes, checks, policies, triggers, …
--   3. Make the new type under the old name, and rewrite each table once
--   4. Create again what was dropped, with the new values, its owner, grants and comments
--   5. Drop the old type without CASCADE, which proves that nothing was missed
-- Example:
--   rung new change_task_status --template enum-swap --set type=status --set 'values=pending,active,complete' --set 'map=todo=pending,in_progress=active,done=complete'

-- == up ==
{{- with .up}}
{{- if .Lock}}
{{template "lock together" .Lock}}
{{- end}}
{{- with .Sees}}
{{.}}
{{- end}}
{{- if .Check}}

-- A row whose value the new type lacks stops this before anything has changed.
{{template "rows lack" .Check}}
{{- end}}
{{- if .Doubled}}

-- Nor must rows share a unique key, once their values are one.
{{.Doubled}}
{{- end}}
{{- if .Side}}

-- Which row had which of the values that become one: the down migration needs it.
-- Drop it in a later migration, once this one need not be reverted.
{{- template "keep values" .Side}}
{{- end}}
{{- if .Drop}}

-- These name the type's values or its columns, and are created again below.
{{.Drop}}
{{- end}}

ALTER TYPE {{$.e.Full}} RENAME TO {{.Former}};

{{template "create enum" .Create}}
{{- if .Alter}}

-- One ALTER TABLE for each table is one rewrite. A value that is not listed
-- keeps its name; one that the new type lacks is an error, never a NULL.
{{- template "alter type" .Alter}}
{{- end}}
{{- if .Make}}

-- As before, with the new values.
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
-- The same in reverse: every value, view, index and check as it was.
{{template "lock together" .Lock}}
{{- end}}
{{- with .Sees}}
{{.}}
{{- end}}
{{- if .Check}}

-- A row whose value the new type lacks stops this before anything has changed.
{{template "rows lack" .Check}}
{{- end}}
{{- if .Drop}}

{{.Drop}}
{{- end}}

ALTER TYPE {{$.e.Full}} RENAME TO {{.Former}};

{{template "create enum" .Create}}
{{- if .Alter}}

{{- template "alter type" .Alter}}
{{- end}}
{{- if .Side}}

-- Rows whose values were merged get theirs back.
{{- template "restore values" .Side}}
{{- end}}
{{- if .Make}}

{{.Make}}
{{- end}}

DROP TYPE {{.Old}};
{{- if .Side}}
{{template "drop kept" .Side}}
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
