SELECT 'it''s; fine', '\';
SELECT E'it\'s; fine', e'\\', E'a''b;';
SELECT U&'d\0061t\+000061;', u&"id\0061;", b'01;', X'1f;', n'a;';
SELECT E'one;' -- a comment between
   'two\';' 
   'three';
SELECT 'a' 'not continued;';
SELECT 'a' /* no; */
'syntax error, but its own string;';
SELECT 'x' ;
'an identifier e: ' ;
SELECT "quoted ; ""id"" ", "a"".b".c;
SELECT typee'x;', _e'\';
SELECT 'multi
line;';
