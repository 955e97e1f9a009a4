-- In a file of its own: a new label cannot be used before it is committed.
-- This touches the type alone; no table is locked or rewritten.
ALTER TYPE task_status
    ADD VALUE 'blocked' AFTER 'in_progress';
