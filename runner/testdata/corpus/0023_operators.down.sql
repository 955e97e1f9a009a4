DROP AGGREGATE my_sum(int);
DROP OPERATOR === (text, text);
DROP FUNCTION same(text, text);
ALTER TABLE orders DROP CONSTRAINT meta_ok;
