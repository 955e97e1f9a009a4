BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT checksum FROM :"schema".texts WHERE checksum = ANY (:'checksums');
COMMIT;
