-- What support asks for most. LEFT JOIN, so that who never ordered is in it too.
CREATE VIEW user_totals AS
SELECT users.id,
       users.name,
       users.is_premium,
       count(orders.id)                     AS orders,
       coalesce(sum(orders.total_cents), 0) AS total_cents,
       max(orders.placed_at)                AS last_order_at
  FROM users
  LEFT JOIN orders ON orders.user_id = users.id
 GROUP BY users.id;
