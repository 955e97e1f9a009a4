/* a comment; /* nested; */ still; */
-- one more; with a semicolon
CREATE TABLE /* here */ commented ( -- and here;
    id int /* ' */, -- ' $$ "
    a--b
    text
);;
;
/**/COMMENT/**/ON TABLE commented IS '/* not a comment; */ -- nor this';
COMMENT ON COLUMN commented.a IS $$ -- ; /* $$; -- the end has no newline; really