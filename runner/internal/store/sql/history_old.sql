BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT id, at, actor, action, coalesce(version::text, ''), coalesce(name, ''), coalesce(checksum, ''),
       coalesce((extract(epoch FROM duration) * 1000000)::bigint, 0), run, rung_version, coalesce(note, ''),
       '', '', '', '', false, '', 0, 0, 0, '', ''
  FROM (SELECT * FROM :"schema".log ORDER BY id DESC LIMIT :'limit') AS newest
 ORDER BY id;
COMMIT;
