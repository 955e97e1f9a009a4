DROP VIEW nums;
DROP RULE two ON commented;
DROP RULE no_delete ON strings;
DROP MATERIALIZED VIEW mv_totals;
DROP VIEW user_totals;
