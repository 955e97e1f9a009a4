-- Back to "not worked out yet", so that the up file has its work again.
-- rung:batch key=users.id rows=1000
UPDATE users
   SET is_premium = NULL
 WHERE id BETWEEN $1 AND $2;
