DELETE FROM users WHERE email = 'cat@example.com';
DROP PROCEDURE new_user(text);
DROP FUNCTION add_one(int), add_two(int);
