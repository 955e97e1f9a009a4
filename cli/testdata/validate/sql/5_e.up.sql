-- rung:irreversible because
SELECT 1;
