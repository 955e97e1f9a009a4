-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);

-- +goose Down
DROP INDEX CONCURRENTLY people_mood;
