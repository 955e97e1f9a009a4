-- Revert shop:people_mood from pg

DROP INDEX CONCURRENTLY people_mood;
