DELETE FROM :"schema".migrations
 WHERE scope (=) :'scope' AND version (=) :'version'::numeric AND adopted_from IS NOT NULL AND state (=) 'applied';
