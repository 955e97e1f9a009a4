-- Written by rung: --template add-index --set table=orders --set columns=user_id

-- Locks: only other DDL on orders waits while an index is built.

CREATE INDEX CONCURRENTLY orders_user_id_idx
    ON orders (user_id);
