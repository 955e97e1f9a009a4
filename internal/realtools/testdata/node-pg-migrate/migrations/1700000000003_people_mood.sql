-- Up Migration
CREATE INDEX people_mood ON people (mood, id);

-- Down Migration
DROP INDEX people_mood;
