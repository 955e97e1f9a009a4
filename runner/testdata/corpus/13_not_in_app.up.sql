CREATE TABLE not_in_app (path text DEFAULT current_setting('search_path'), mem text DEFAULT current_setting('work_mem'));
INSERT INTO not_in_app DEFAULT VALUES;
