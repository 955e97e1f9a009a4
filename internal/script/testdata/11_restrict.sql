--
-- dump
--

\restrict Zk3

SET a = 1;
\unrestrict Zk3	

SELECT 1;
\unrestrict Zk3