-- A schema ($1) and a name ($2) as the server quotes them.
SELECT format('%I.%I', $1::text, $2::text)
