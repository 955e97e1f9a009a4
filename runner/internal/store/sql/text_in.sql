coalesce(:{direction}_sql, (SELECT sql FROM :"schema".texts WHERE checksum = :{direction}_checksum))
