-- Written by rung: --template enum --set type=task_status --set values=pending,active,complete --set map=todo=pending,in_progress=active,done=complete
-- Strategy: enum-rename.

-- Locks: the type alone, no table.

ALTER TYPE public.task_status RENAME VALUE 'complete' TO 'done';
ALTER TYPE public.task_status RENAME VALUE 'active' TO 'in_progress';
ALTER TYPE public.task_status RENAME VALUE 'pending' TO 'todo';
