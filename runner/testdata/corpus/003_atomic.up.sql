CREATE FUNCTION add_one(n int) RETURNS int
    LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN n > 0 THEN n + 1 ELSE (SELECT 1) END;
END;

CREATE PROCEDURE new_user(mail text)
BEGIN ATOMIC
    INSERT INTO users (email) VALUES (mail);
    UPDATE users SET name = CASE name WHEN 'no''body' THEN 'somebody' END WHERE email = mail;
END;

CREATE FUNCTION add_two(n int) RETURNS int LANGUAGE sql RETURN n + 2;
CALL new_user('cat@example.com');
