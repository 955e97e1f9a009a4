CREATE TABLE bom (id int, "größe" text DEFAULT 'ü');
