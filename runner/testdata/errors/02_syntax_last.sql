-- Größe 🐘
CREATE TABLE b (id int);
	SELECT 'é🐘',	FROM b;
