:{assign}
  SELECT :{columns} INTO :{first} FROM :{table}
   WHERE (:{columns}) > (:{after}) AND (:{columns}) <= (:{upto})
   ORDER BY :{columns} LIMIT 1;
