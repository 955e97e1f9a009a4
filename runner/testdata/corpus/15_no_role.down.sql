DROP TABLE not_owned;
