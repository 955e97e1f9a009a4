-- rung:lock-timeout 2s
-- Everybody reads users: give way sooner than usual, and try again.

-- NULL means "not worked out yet". The default comes in a second clause, so that
-- it holds for new rows only and the 10,000 old ones stay NULL for the next file.
ALTER TABLE users
    ADD COLUMN is_premium boolean,
    ALTER COLUMN is_premium SET DEFAULT false;
