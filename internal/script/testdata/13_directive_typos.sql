--rung:a
-- rung :b
-- Rung:c
-- rung: d e
--  rung:e
-- rung:
-- RUNG:f
--- rung:g
SELECT 1; -- rung:h
SELECT 1 -- rung:i
; /* x */ -- rung:j
/* rung:k */
-- the rung: of a ladder
-- rungs: many
--	rung:l
