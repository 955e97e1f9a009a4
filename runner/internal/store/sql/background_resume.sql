UPDATE :"schema".background
   SET state = 'registered', attempts = 0, next_try_at = NULL
 WHERE scope = :'scope' AND version = :'version' AND state = ANY (:'from'::text[]) AND state <> 'running';
