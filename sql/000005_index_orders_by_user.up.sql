-- Written by rung: --template add-index --set table=orders --set columns=user_id

-- CONCURRENTLY: reads and writes go on while it is built.
CREATE INDEX CONCURRENTLY orders_user_id_idx
    ON orders (user_id);
