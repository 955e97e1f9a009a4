BEGIN ISOLATION LEVEL READ COMMITTED;
:trusted_path
SET LOCAL idle_in_transaction_session_timeout = '60s';
SET LOCAL statement_timeout = 0;
