CREATE TABLE IF NOT EXISTS "users" ("id" bigint PRIMARY KEY);
CREATE TABLE "pets" ("id" bigint PRIMARY KEY);
CREATE INDEX "pets_id" ON "pets" ("id");
