SET client_encoding = 'UTF8';
SET datestyle = :'datestyle';
