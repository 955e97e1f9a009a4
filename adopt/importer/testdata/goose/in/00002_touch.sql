-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- inside
	NEW.mail := lower(NEW.mail);
	RETURN NEW;
END
$$
-- +goose StatementEnd
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
-- +goose StatementBegin
COMMENT ON FUNCTION touch() IS 'x' -- no semicolon
-- +goose StatementEnd
-- +goose statementbegin
SELECT 1;
-- +goose statementend

-- +goose down
DROP TRIGGER touch ON users;
DROP FUNCTION touch();
