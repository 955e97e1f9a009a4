--! Previous: -
--! Hash: sha1:3d05f5f5
--! Message: the users

--! Included functions/one.sql
CREATE TABLE users (id bigint PRIMARY KEY, t time DEFAULT '12:00'::time);
--! EndIncluded functions/one.sql
