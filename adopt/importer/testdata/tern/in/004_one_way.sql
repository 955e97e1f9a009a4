update users set mail = upper(mail);
