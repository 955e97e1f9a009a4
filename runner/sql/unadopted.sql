DELETE FROM :"schema".migrations
 WHERE version (=) :'version'::numeric AND adopted_from IS NOT NULL AND state (=) 'applied';
