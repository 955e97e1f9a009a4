CREATE TABLE IF NOT EXISTS "users" ("id" bigint PRIMARY KEY);
--> statement-breakpoint
CREATE TABLE "pets" ("id" bigint PRIMARY KEY)--> statement-breakpoint
CREATE INDEX "pets_id" ON "pets" ("id");
