-- Down Migration
ALTER TABLE users DROP mail;
--- up migration
ALTER TABLE users ADD mail text;
