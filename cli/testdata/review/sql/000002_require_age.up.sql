ALTER TABLE users ALTER COLUMN age SET NOT NULL;
CREATE INDEX orders_user_id ON orders (user_id);
