-- Purpose: rename labels of an enum type in place, without touching a row
-- Parameters:
--   type: the enum type
--   map: what becomes of which label, like todo=pending,done=complete; a label that holds a comma or = stands in quotes
--   values (optional): all labels in order, to make sure of the outcome
-- Locks: the type alone, for milliseconds; no table.
-- Steps:
--   1. ALTER TYPE … RENAME VALUE for each label; labels that change places go by way of a temporary one
--   What has a label as text (status::text = 'todo', a function's body) does not follow:
--   it is named, and a CHECK or a default that has stops this before a file is written.
--   Indexes and generated columns with what a function made of a label are named too.
-- Example:
--   rung new rename_status --template enum-rename --set type=status --set map=todo=pending,done=complete

-- == up ==
-- Rows hold a label's number, not its text: nothing is rewritten, no table is
-- locked, and views, defaults and indexes follow by themselves.
{{- if .cycle}}
-- Labels that change places go by way of a temporary one.
{{- end}}
{{- range .steps}}
ALTER TYPE {{$.e.Full}} RENAME VALUE {{label .From}} TO {{label .To}};
{{- end}}

-- == down ==
{{- range .back}}
ALTER TYPE {{$.e.Full}} RENAME VALUE {{label .From}} TO {{label .To}};
{{- end}}
