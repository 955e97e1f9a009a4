-- Written by rung: --template add-index --set table=orders --set columns=user_id

-- CONCURRENTLY: reads and writes continue while it is built.
CREATE INDEX CONCURRENTLY orders_user_id_idx
    ON orders (user_id);
