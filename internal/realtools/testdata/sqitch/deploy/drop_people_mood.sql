-- Deploy shop:drop_people_mood to pg

DROP INDEX CONCURRENTLY people_mood;
