-- Purpose: rename values of an enum type, without touching a row
-- Parameters:
--   type: the enum type
--   map: what becomes of which value, like todo=pending,done=complete; quote a value that contains a comma or =
--   values (optional): all enum values in order, to confirm the result
-- Locks: the type alone, for milliseconds; no table.
-- Steps:
--   1. ALTER TYPE … RENAME VALUE for each value; values that swap names go through a temporary one
--   What has a value as text (status::text = 'todo', a function's body) does not follow:
--   it is named, and a CHECK or a default that has stops this before a file is written.
--   Indexes and generated columns with a function's result for a value are named too.
-- Example:
--   rung new rename_status --template enum-rename --set type=status --set map=todo=pending,done=complete

-- == up ==
-- Rows hold a value's number, not its text: nothing is rewritten, and views, defaults
-- and indexes follow by themselves.
{{- if .cycle}}
-- Values that swap names go through a temporary one.
{{- end}}
{{- range .steps}}
ALTER TYPE {{$.e.Full}} RENAME VALUE {{enumvalue .From}} TO {{enumvalue .To}};
{{- end}}

-- == down ==
{{- range .back}}
ALTER TYPE {{$.e.Full}} RENAME VALUE {{enumvalue .From}} TO {{enumvalue .To}};
{{- end}}
