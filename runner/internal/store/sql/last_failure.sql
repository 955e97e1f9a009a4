BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT id, at, actor, action, coalesce(version::text, ''), coalesce(name, ''), coalesce(checksum, ''),
       0::bigint, run, rung_version, coalesce(note, ''),
       coalesce(role, ''), coalesce(os_user, ''), coalesce(host, ''), coalesce(job, ''), true,
       coalesce(file, ''), coalesce(line, 0), coalesce(col, 0), coalesce(step, 0), coalesce(sqlstate, ''), message
  FROM :"schema".log AS f
 WHERE scope (=) :'scope' AND message IS NOT NULL
   AND NOT EXISTS (SELECT FROM :"schema".log AS done
                    WHERE done.scope (=) :'scope' AND done.version (=) f.version AND done.id (>) f.id AND done.message IS NULL
                      AND done.action (=) ANY ('{up,down,baseline,adopt}'::text[]))
 ORDER BY id DESC
 LIMIT 1;
COMMIT;
