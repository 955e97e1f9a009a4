-- rung:lock-timeout 2s
ALTER TABLE users
    DROP COLUMN is_premium;
