-- PostgreSQL has no DROP VALUE, so the type is built anew and swapped in. That
-- rewrites tasks under an ACCESS EXCLUSIVE lock: fine for a small table.
-- A task that is still blocked has nowhere to go; the cast then fails, and
-- everything stays as it was.

ALTER TYPE task_status RENAME TO task_status_old;

CREATE TYPE task_status AS ENUM ('todo', 'in_progress', 'done');

-- The default is a value of the old type and has to leave first.
ALTER TABLE tasks
    ALTER COLUMN status DROP DEFAULT,
    ALTER COLUMN status TYPE task_status USING status::text::task_status,
    ALTER COLUMN status SET DEFAULT 'todo';

-- Without CASCADE: if something was forgotten, this says so.
DROP TYPE task_status_old;

ANALYZE tasks;
