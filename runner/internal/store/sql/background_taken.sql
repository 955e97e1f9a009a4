-- A batch of the worker may be in flight: it holds this row until it commits. From
-- then on the fence of a worker that has lost its lock fails.
UPDATE :"schema".steps
   SET run = :'run'
 WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) 'up' AND state (=) 'started';
