-- +migrate Up notransaction
DROP INDEX CONCURRENTLY people_mood;

-- +migrate Down notransaction
CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);
