  SELECT :{columns} INTO :{upto} FROM :{table} ORDER BY :{columns_desc} LIMIT 1;
  UPDATE :"schema".steps SET upper_key = :{upto_text}, estimate = 0
   WHERE version = :'version' AND direction = :'direction' AND step = :'step' AND rung_upto_1 IS NOT NULL;
  COMMIT;
  SELECT :{columns} INTO :{first} FROM :{table} ORDER BY :{columns} LIMIT 1;
