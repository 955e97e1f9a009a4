DROP FUNCTION "odd;name"(int);
DROP FUNCTION f_a(), "f_b;c"(), "f_d'e"();
DROP TRIGGER users_touch ON users;
DROP FUNCTION touch();
