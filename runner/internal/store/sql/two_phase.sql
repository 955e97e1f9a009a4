INSERT INTO :"schema".two_phase (id) VALUES (:'id');
