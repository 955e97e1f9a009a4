DROP TRIGGER touch ON users;
DROP FUNCTION touch();
