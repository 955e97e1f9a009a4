DROP TABLE not_in_app;
