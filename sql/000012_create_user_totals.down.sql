DROP VIEW user_totals;
