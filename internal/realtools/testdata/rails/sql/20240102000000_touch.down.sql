DROP TRIGGER touch ON people;
DROP FUNCTION touch();
ALTER TABLE people DROP touched;
