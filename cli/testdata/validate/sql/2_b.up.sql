-- rung:no-transactoin
SELECT 1;
\i other.sql
