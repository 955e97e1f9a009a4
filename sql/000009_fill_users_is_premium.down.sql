-- Back to "not worked out yet", so that the up file has its work again.
UPDATE users
   SET is_premium = NULL
 WHERE is_premium IS NOT NULL;
