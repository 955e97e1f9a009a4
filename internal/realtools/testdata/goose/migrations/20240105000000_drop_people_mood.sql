-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY people_mood;

-- +goose Down
CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);
