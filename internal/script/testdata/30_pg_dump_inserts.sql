--
-- PostgreSQL database dump
--

\restrict zTFHXQaxF4ZxM9igacFNcbIECkmJg1p9a03CIQqsNF6xOnjSwJKWkwR2P0XoS0b

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Data for Name: Odd;Name; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public."Odd;Name" VALUES (1, 'line
break; \. 	tab', 'sad', NULL);
INSERT INTO public."Odd;Name" VALUES (2, NULL, 'it''s ok; really', NULL);
INSERT INTO public."Odd;Name" VALUES (3, '\.', NULL, NULL);
INSERT INTO public."Odd;Name" VALUES (4, '🐘 -- rung:x', NULL, NULL);
INSERT INTO public."Odd;Name" VALUES (5, '', NULL, NULL);


--
-- Data for Name: logs; Type: TABLE DATA; Schema: public; Owner: postgres
--



--
-- Name: Odd;Name_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public."Odd;Name_id_seq"', 5, true);


--
-- PostgreSQL database dump complete
--

\unrestrict zTFHXQaxF4ZxM9igacFNcbIECkmJg1p9a03CIQqsNF6xOnjSwJKWkwR2P0XoS0b

