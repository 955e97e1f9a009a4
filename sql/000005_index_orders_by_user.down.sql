-- A plain DROP INDEX would wait for, and then hold up, every query on orders.
DROP INDEX CONCURRENTLY orders_user_id_idx;
