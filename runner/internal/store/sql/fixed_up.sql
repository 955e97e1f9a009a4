-- The next fix is told from this text, no longer from that of the claim.
UPDATE :"schema".migrations
   SET up_checksum = :'up_checksum', up_sql = :'up_sql'
 WHERE scope = :'scope' AND version = :'version';
