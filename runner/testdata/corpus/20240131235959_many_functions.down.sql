DROP FUNCTION tabular();
DROP PROCEDURE with_commit(int);
DROP FUNCTION commits();
DROP FUNCTION begin_end();
