-- Written by rung: --template enum --set type=task_status --set values=pending,active,complete --set map=todo=pending,in_progress=active,done=complete
-- Strategy: enum-rename.

-- Locks: the type alone, no table.

-- Rows hold a value's number, not its text: nothing is rewritten, and views, defaults
-- and indexes follow by themselves.
ALTER TYPE public.task_status RENAME VALUE 'todo' TO 'pending';
ALTER TYPE public.task_status RENAME VALUE 'in_progress' TO 'active';
ALTER TYPE public.task_status RENAME VALUE 'done' TO 'complete';
