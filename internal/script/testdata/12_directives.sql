-- rung:no-transaction
-- rung:lock-timeout   2s  
CREATE INDEX CONCURRENTLY i ON t (a);

  -- rung:batch key=users.id rows=10000
-- why
UPDATE users
   -- rung:inside
   SET a = 1 (
  -- rung:deep
   );
-- rung:end
SELECT '
-- rung:in-a-string
', $$
-- rung:in-a-dollar-quote
$$ /*
-- rung:in-a-comment
*/ -- an ordinary rung: comment
;;
-- rung:allow ID a reason
;
SELECT 1
-- rung:tail
