-- +migrate Up notransaction
CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);

-- +migrate Down notransaction
DROP INDEX CONCURRENTLY people_mood;
