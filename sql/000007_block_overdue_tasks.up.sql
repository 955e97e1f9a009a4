-- Work that should have been over by the summer and is not waits for somebody else.
UPDATE tasks
   SET status = 'blocked'
 WHERE status = 'in_progress'
   AND due_on < date '2025-07-01';
