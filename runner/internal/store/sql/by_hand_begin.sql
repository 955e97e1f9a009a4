    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
:reset
:session
:set_role
:limits
