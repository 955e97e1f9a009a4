SELECT 1;
	SELECT '€', 'its;
SELECT 2;
-- rung:x
