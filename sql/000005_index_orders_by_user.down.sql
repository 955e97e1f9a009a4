-- Written by rung: --template add-index --set table=orders --set columns=user_id

-- A plain DROP INDEX would wait for, and then hold up, every query of the table.
DROP INDEX CONCURRENTLY orders_user_id_idx;
