ALTER TABLE users DROP mail;
