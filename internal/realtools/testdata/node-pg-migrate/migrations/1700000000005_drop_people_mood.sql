-- Up Migration
DROP INDEX people_mood;

-- Down Migration
CREATE INDEX people_mood ON people (mood, id);
