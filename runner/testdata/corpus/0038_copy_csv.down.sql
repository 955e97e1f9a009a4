DELETE FROM copied WHERE id IN (6, 7);
