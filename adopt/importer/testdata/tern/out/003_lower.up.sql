update users set mail = lower(mail);
