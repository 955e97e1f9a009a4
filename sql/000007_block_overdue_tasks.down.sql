-- Exact, as only tasks in progress were ever blocked.
UPDATE tasks
   SET status = 'in_progress'
 WHERE status = 'blocked';
