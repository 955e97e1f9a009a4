BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT id, at, actor, action, coalesce(version::text, ''), coalesce(name, ''), coalesce(checksum, ''),
       coalesce((extract(epoch FROM duration) * 1000000)::bigint, 0), run, rung_version, coalesce(note, ''),
       coalesce(role, ''), coalesce(os_user, ''), coalesce(host, ''), coalesce(job, ''), message IS NOT NULL,
       coalesce(file, ''), coalesce(line, 0), coalesce(col, 0), coalesce(step, 0), coalesce(sqlstate, ''), coalesce(message, '')
  FROM (SELECT * FROM :"schema".log WHERE scope = :'scope' ORDER BY id DESC LIMIT :'limit') AS newest
 ORDER BY id;
COMMIT;
