DELETE FROM commented;
UPDATE orders SET meta = meta - 'chosen';
