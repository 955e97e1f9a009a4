CREATE TABLE strings (id serial PRIMARY KEY, s text);
INSERT INTO strings (s) VALUES
    ('plain; with '' and \ and /* no comment */'),
    (E'it\'s; \\ and \' and \n\t\x41\u00e9'),
    (e'\\'), ('\'), ('\''; --'),
    (U&'\0441\043B\043E\043D; \\ !'), (U&'!0061!!' UESCAPE '!'),
    ($$dollar ' \ ; $$), ($tag$ $$ ; $tag$), ($_é$ $tag$ ; $_é$),
    ('one'
     ' line; and'
     ' another'),
    (E'esc\''
     ' more; too'),
    (B'0101'::text), (X'1F'::bit(8)::text), (N'n;'),
    ('🐘; naïve ☃'), ('tab	and
newline;'), (1.5e3::text), (.5::text), ('a'||';'||'b'), (1::int::text||':;');
SELECT 1 AS "a;b", 2 AS "c""d;", U&"d\0061t;" FROM (SELECT 3 AS "dat;") AS "x;";
CREATE TABLE "semi;colon" ("a;b" int DEFAULT 1, "c""d" text DEFAULT E'x\';', "MiXed" int[] DEFAULT '{1,2}');
INSERT INTO "semi;colon" DEFAULT VALUES;
UPDATE "semi;colon" SET "MiXed"[1:2] = ARRAY[3,4] WHERE "MiXed"[1:1] = '{1}';
