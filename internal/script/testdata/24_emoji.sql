SELECT '🐘🐘'; SELECT 'é', 🐘 FROM naïve; --	🐘
	🐘	SELECT 1; \i x
-- 🐘
SELECT 🐘, '