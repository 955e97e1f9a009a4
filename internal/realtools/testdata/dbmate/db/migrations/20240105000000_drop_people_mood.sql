-- migrate:up transaction:false
DROP INDEX CONCURRENTLY people_mood;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);
