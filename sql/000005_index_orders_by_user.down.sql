-- Written by rung: --template add-index --set table=orders --set columns=user_id

-- Locks: only other DDL on orders waits for a moment.

-- A plain DROP INDEX would wait for, and then hold up, every query of the table.
-- An up file that stopped may have left none.
DROP INDEX CONCURRENTLY IF EXISTS orders_user_id_idx;
