BEGIN READ ONLY;
:trusted_path
:set_role
SELECT f.what, coalesce(f.owner, '')
  FROM (
:foreign
       ) AS f (what, owner)
 ORDER BY f.what;
COMMIT;
