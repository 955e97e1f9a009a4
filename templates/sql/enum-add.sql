-- Purpose: add values to an enum type, each in its place
-- Parameters:
--   type: the enum type
--   values: all enum values in the wanted order, old and new
--   map (optional): values to rename on the way, like todo=pending
--   new (optional): which of the values are new; required with --offline
-- Locks: the type alone, for milliseconds; no table.
-- Steps:
--   1. ALTER TYPE … ADD VALUE for each value that is not there yet
-- Example:
--   rung new add_status_blocked --template enum-add --set type=status --set values=todo,blocked,in_progress,done

-- == up ==
-- A new value can be used once this file has committed. What uses it (a default,
-- an index, rows) belongs in a later file.
{{- range .steps}}
ALTER TYPE {{$.e.Full}} RENAME VALUE {{enumvalue .From}} TO {{enumvalue .To}};
{{- end}}
{{- range .additions}}
ALTER TYPE {{$.e.Full}} ADD VALUE {{enumvalue .Value}}{{with .Place}} {{.}}{{end}};
{{- end}}

-- == down ==
-- rung:irreversible PostgreSQL has no DROP VALUE; {{enumvalues .added}} can stay unused, or --template enum-swap rewrites the tables without
