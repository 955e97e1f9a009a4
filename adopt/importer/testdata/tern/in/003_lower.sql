update users set mail = lower(mail);
---- create above / drop below ----
