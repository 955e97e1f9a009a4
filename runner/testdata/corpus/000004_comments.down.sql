DROP TABLE commented
