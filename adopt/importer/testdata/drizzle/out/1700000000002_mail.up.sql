CREATE TABLE "a" ("id" bigint);
--> statement-breakpoint

CREATE TABLE "b" ("id" bigint);--> statement-breakpoint
CREATE TABLE "c" ("id" bigint);