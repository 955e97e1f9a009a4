-- A pause of the way up, which down asks for too, does not hold for the batches of the way down.
UPDATE :"schema".control SET paused = false
 WHERE scope (=) :'scope' AND version (=) :'version' AND paused;
