CREATE TABLE a (
<<<<<<< HEAD
  id int -- it's mine
||||||| 1234567
  id smallint
=======
  id bigint
>>>>>>> feature/don't
);
SELECT '
<<<<<<< in a string
';
/*
=======
*/
SELECT a <<<<<<< b, 1
=====a;
<<<<<<<< eight
=======
