-- before: CREATE TABLE t (id int);
-- before: CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF new.id = 2 THEN RAISE 'no 2, line 99'; END IF; RETURN new; END$$;
-- before: CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
COPY t FROM stdin;
1
2
\.
