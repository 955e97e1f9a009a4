:{direction}_sql IS NOT NULL OR EXISTS (SELECT FROM :"schema".texts WHERE checksum = :{direction}_checksum)
