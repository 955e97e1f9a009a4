-- Purpose: turn an enum type's columns into text with a CHECK, and drop the type
-- Parameters:
--   type: the enum type
-- Locks: ACCESS EXCLUSIVE on every table that has the type, and on those that foreign keys tie to its columns, until the whole file has
--   committed; each table is rewritten once.
-- Steps:
--   1. Lock the tables; drop what depends on the type
--   2. Rewrite each table once, with text instead of the type, and a CHECK instead of its values
--   3. Create again what was dropped, with texts instead of enum values
--   4. Drop the type without CASCADE, which proves that nothing was missed
--   Texts sort alphabetically. What compares enum values by <, >, BETWEEN, min() or max() is refused where that makes
--   another order; a view that sorts its rows by them is named.
--   PostgreSQL does not look into the texts of functions. One that does not compile without the
--   type is refused; one that may cast to it in its text is named, for a person to look at.
-- Example:
--   rung new status_as_text --template enum-to-text --set type=status

-- == up ==
{{- with .up}}
{{- if .Lock}}
{{template "lock together" .Lock}}
{{- end}}
{{- if .Drop}}

-- These name the type's values or its columns, and are created again below.
{{.Drop}}
{{- end}}
{{- if .Alter}}
{{""}}
{{- template "alter type" .Alter}}
{{- end}}
{{- end}}
{{- range .checks}}
ALTER TABLE {{.Table}}
    ADD CONSTRAINT {{.Name}} CHECK ({{.Holds}});
{{- end}}
{{- with .up}}
{{- if .Make}}

-- As before, with texts instead of enum values.
{{.Make}}
{{- end}}

-- Without CASCADE: did anything still use the type, all of this would be undone.
DROP TYPE {{$.e.Full}};
{{- if .Touch}}

-- Open sessions keep plans of these functions with the type. Any change, even to
-- the same value, makes them plan anew.
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
{{- with .down}}
{{- if .Lock}}
{{template "lock together" .Lock}}
{{- end}}
{{- if .Drop}}

{{.Drop}}
{{- end}}
{{- range $.checks}}
ALTER TABLE {{.Table}}
    DROP CONSTRAINT {{.Name}};
{{- end}}

{{template "create enum" .Create}}
{{- if .Alter}}

{{- template "alter type" .Alter}}
{{- end}}
{{- if .Make}}

{{.Make}}
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
