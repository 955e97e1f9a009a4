-- Purpose: our own way to note who changed a row
-- Parameters:
--   table: the table
--   who (optional): the default of the new column; default: current_user
-- Locks: ACCESS EXCLUSIVE for a moment.
-- Steps:
--   1. ADD COLUMN changed_by
-- Example:
--   rung new audit_users --template audit --set table=users

-- == up ==
ALTER TABLE {{ident .table}}
    ADD COLUMN changed_by text DEFAULT {{or .who "current_user"}};

-- == down ==
ALTER TABLE {{ident .table}}
    DROP COLUMN changed_by;
