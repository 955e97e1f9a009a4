-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY people_mood ON people (mood, id);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY people_mood;
