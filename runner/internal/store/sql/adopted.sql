UPDATE :"schema".migrations
   SET adopted_from = :'adopted_from', applied_at = coalesce(:'ran_at'::timestamptz, applied_at)
 WHERE scope (=) :'scope' AND version (=) :'version'::numeric;
