-- Premium is who has more than ten orders. One UPDATE will do for 10,000 rows;
-- it locks them until it commits, so millions would go in batches.
UPDATE users
   SET is_premium = (SELECT count(*) > 10 FROM orders WHERE orders.user_id = users.id)
 WHERE is_premium IS NULL;
