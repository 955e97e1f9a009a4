:assign
  SELECT :{selected} INTO rung_row FROM :{table}
   WHERE :{span}(:{columns}) :{below} (:{upto})
   ORDER BY :{columns} LIMIT 1;
  rung_more := FOUND;
