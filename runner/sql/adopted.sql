UPDATE :"schema".migrations
   SET adopted_from = :'adopted_from', applied_at = coalesce(:'ran_at'::timestamptz, applied_at)
 WHERE version (=) :'version'::numeric;
