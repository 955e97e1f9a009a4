--
-- PostgreSQL database dump
--

\restrict msK4joxg37L11Iol0yNEu6v3SMgMIFyCs862miq8VbfUqaTl14n2dNYFCQteX35

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
-- Name: mood; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.mood AS ENUM (
    'sad',
    'it''s ok; really'
);


ALTER TYPE public.mood OWNER TO postgres;

--
-- Name: plbody(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.plbody() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$ BEGIN EXECUTE $$ SELECT ';' $$; RETURN new; END $_$;


ALTER FUNCTION public.plbody() OWNER TO postgres;

--
-- Name: sqlbody(integer); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.sqlbody(a integer) RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT 1;
 SELECT
         CASE
             WHEN (a > 1) THEN 2
             ELSE 3
         END AS "case";
 SELECT a AS "end";
END;


ALTER FUNCTION public.sqlbody(a integer) OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: Odd;Name; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public."Odd;Name" (
    id bigint NOT NULL,
    note text DEFAULT 'tab	back\slash'::text,
    m public.mood,
    "q""uote" integer[]
);


ALTER TABLE public."Odd;Name" OWNER TO postgres;

--
-- Name: Odd;Name_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public."Odd;Name_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public."Odd;Name_id_seq" OWNER TO postgres;

--
-- Name: Odd;Name_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public."Odd;Name_id_seq" OWNED BY public."Odd;Name".id;


--
-- Name: logs; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.logs (
    at timestamp with time zone,
    msg text
);


ALTER TABLE public.logs OWNER TO postgres;

--
-- Name: TABLE logs; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON TABLE public.logs IS 'a comment; with ''quotes''
-- rung:not
\restrict nothing';


--
-- Name: v; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.v AS
 SELECT ("Odd;Name".note || ';'::text) AS n,
        CASE
            WHEN ("Odd;Name".id > 1) THEN 'a'::text
            ELSE '\'::text
        END AS "end"
   FROM public."Odd;Name";


ALTER TABLE public.v OWNER TO postgres;

--
-- Name: Odd;Name id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public."Odd;Name" ALTER COLUMN id SET DEFAULT nextval('public."Odd;Name_id_seq"'::regclass);


--
-- Data for Name: Odd;Name; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public."Odd;Name" (id, note, m, "q""uote") FROM stdin;
1	line\nbreak; \\. \ttab	sad	\N
2	\N	it's ok; really	\N
3	\\.	\N	\N
4	🐘 -- rung:x	\N	\N
5		\N	\N
\.


--
-- Data for Name: logs; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.logs (at, msg) FROM stdin;
\.


--
-- Name: Odd;Name_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public."Odd;Name_id_seq"', 5, true);


--
-- Name: Odd;Name Odd;Name_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public."Odd;Name"
    ADD CONSTRAINT "Odd;Name_pkey" PRIMARY KEY (id);


--
-- Name: v r; Type: RULE; Schema: public; Owner: postgres
--

CREATE RULE r AS
    ON INSERT TO public.v DO INSTEAD ( INSERT INTO public.logs (at, msg)
  VALUES (now(), 'a;'::text);
 INSERT INTO public.logs (at, msg)
  VALUES (now(), new.n);
);


--
-- Name: Odd;Name t; Type: TRIGGER; Schema: public; Owner: postgres
--

CREATE TRIGGER t BEFORE INSERT ON public."Odd;Name" FOR EACH ROW EXECUTE FUNCTION public.plbody();


--
-- Name: logs p; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY p ON public.logs USING ((msg <> ';'::text));


--
-- PostgreSQL database dump complete
--

\unrestrict msK4joxg37L11Iol0yNEu6v3SMgMIFyCs862miq8VbfUqaTl14n2dNYFCQteX35

