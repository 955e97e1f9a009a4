-- Premium is who has more than ten orders. In batches, each committed by itself:
-- no user is locked for longer than a batch takes, however many users there are.

-- Two statements, and in this order: an order that commits beside a single UPDATE
-- would not be in what it counts, since its snapshot is older.
-- rung:batch key=users.id rows=1000
SELECT id
  FROM users
 WHERE id BETWEEN $1 AND $2
 ORDER BY id
   FOR NO KEY UPDATE;
UPDATE users
   SET is_premium = (SELECT count(*) > 10 FROM orders WHERE orders.user_id = users.id)
 WHERE id BETWEEN $1 AND $2
   AND is_premium IS NULL;
-- rung:end
