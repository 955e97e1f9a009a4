-- Written by rung: --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true --set way=online

-- Locks: reads and writes of users wait for a moment; writes to orders wait for a
-- moment; writes to rows of users wait while their batch runs.

-- New and changed rows first, so that the batches below miss none.
BEGIN;

-- Lock first, compute second: a statement does not see what commits after it
-- started, so the value is worked out in a second one, when nobody else can be at
-- the row. SECURITY DEFINER, since who writes orders need not write users;
-- with pg_temp last, or his temporary table could stand for one of the owner's.
-- Without a row left it ends at once: two such columns, each from the other's
-- table, would call each other for ever.
CREATE FUNCTION users_is_premium_derive()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = public, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM public.users AS p
          WHERE p.id IN (SELECT user_id FROM new_rows)
          ORDER BY p.id
            FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        UPDATE public.users AS p
           SET is_premium = (SELECT count(*) > 10 FROM public.orders WHERE orders.user_id = p.id)
         WHERE p.id IN (SELECT user_id FROM new_rows)
           AND p.is_premium IS DISTINCT FROM (SELECT count(*) > 10 FROM public.orders WHERE orders.user_id = p.id);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM FROM public.users AS p
          WHERE p.id IN (SELECT user_id FROM old_rows)
          ORDER BY p.id
            FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        UPDATE public.users AS p
           SET is_premium = (SELECT count(*) > 10 FROM public.orders WHERE orders.user_id = p.id)
         WHERE p.id IN (SELECT user_id FROM old_rows)
           AND p.is_premium IS DISTINCT FROM (SELECT count(*) > 10 FROM public.orders WHERE orders.user_id = p.id);
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM FROM public.users AS p
          WHERE p.id IN (SELECT user_id FROM old_rows UNION SELECT user_id FROM new_rows)
          ORDER BY p.id
            FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        UPDATE public.users AS p
           SET is_premium = (SELECT count(*) > 10 FROM public.orders WHERE orders.user_id = p.id)
         WHERE p.id IN (SELECT user_id FROM old_rows UNION SELECT user_id FROM new_rows)
           AND p.is_premium IS DISTINCT FROM (SELECT count(*) > 10 FROM public.orders WHERE orders.user_id = p.id);
    ELSE
        UPDATE public.users AS p
           SET is_premium = (SELECT count(*) > 10 FROM public.orders WHERE orders.user_id = p.id)
         WHERE p.is_premium IS DISTINCT FROM (SELECT count(*) > 10 FROM public.orders WHERE orders.user_id = p.id);
    END IF;
    RETURN NULL;
END
$function$;

-- Nobody may hang it on a table of his own, and write with the owner's rights.
REVOKE ALL ON FUNCTION users_is_premium_derive() FROM PUBLIC;

CREATE TRIGGER users_is_premium_after_insert
    AFTER INSERT ON orders
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users_is_premium_derive();

CREATE TRIGGER users_is_premium_after_update
    AFTER UPDATE ON orders
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users_is_premium_derive();

CREATE TRIGGER users_is_premium_after_delete
    AFTER DELETE ON orders
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users_is_premium_derive();

CREATE TRIGGER users_is_premium_after_truncate
    AFTER TRUNCATE ON orders
    FOR EACH STATEMENT EXECUTE FUNCTION users_is_premium_derive();

COMMIT;

-- What a new row has, which no row of orders belongs to yet. Apart
-- from the triggers: with both tables locked at once, a transaction that writes one
-- after the other would be stuck with this one.
ALTER TABLE users
    ALTER COLUMN is_premium SET DEFAULT false;

-- Two statements for the same reason.
-- rung:batch key=users.id
SELECT id
  FROM users
 WHERE id BETWEEN $1 AND $2
 ORDER BY id
   FOR NO KEY UPDATE;
UPDATE users AS p
   SET is_premium = (SELECT count(*) > 10 FROM orders WHERE orders.user_id = p.id)
 WHERE p.id BETWEEN $1 AND $2
   AND p.is_premium IS NULL;
-- rung:end
