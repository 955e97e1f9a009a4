ALTER TABLE orders ADD CONSTRAINT meta_ok CHECK (meta ? 'n' OR meta @> '{"a": 1}' OR meta ->> 'b' <> ';' OR meta #>> '{a,b}' !~~ '%;');
SELECT 1<>-1, a!~~*'x', @ -3, |/ 25.0, 2^3, 7%3, ~1, 1<<2|3&1#4 FROM (SELECT 'a') AS t (a) WHERE a ~ E'^\\d+;$' OR a !~ ';';
CREATE FUNCTION same(text, text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 IS NOT DISTINCT FROM $2';
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = same);
SELECT 'a'::text===/* comment */'a', 'b'::text ===-- comment
'c';
CREATE AGGREGATE my_sum(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
