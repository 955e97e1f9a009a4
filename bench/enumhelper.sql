-- What the helpers of ORMs send for such a change; this is alembic-enums, a
-- statement at a time: a temporary type with the labels of both, an UPDATE for
-- each label, and the new type. The partial index is the caller's business: with
-- it the first ALTER … TYPE fails.
BEGIN;
DROP INDEX tasks_todo;
CREATE TYPE _tmp_task_status_0001 AS ENUM (
    'active', 'blocked', 'cancelled', 'complete', 'done', 'in_progress', 'pending', 'todo');
ALTER TABLE tasks ALTER COLUMN status DROP DEFAULT;
ALTER TABLE tasks ALTER COLUMN status TYPE _tmp_task_status_0001 USING status::text::_tmp_task_status_0001;
UPDATE tasks SET status = 'pending' WHERE tasks.status = 'todo';
UPDATE tasks SET status = 'active' WHERE tasks.status = 'in_progress';
UPDATE tasks SET status = 'active' WHERE tasks.status = 'blocked';
UPDATE tasks SET status = 'complete' WHERE tasks.status = 'done';
DROP TYPE task_status;
CREATE TYPE task_status AS ENUM ('active', 'pending', 'complete', 'cancelled');
ALTER TABLE tasks ALTER COLUMN status TYPE task_status USING status::text::task_status;
ALTER TABLE tasks ALTER COLUMN status SET DEFAULT 'pending';
DROP TYPE _tmp_task_status_0001;
CREATE INDEX tasks_todo ON tasks (id) WHERE status = 'pending';
COMMIT;
