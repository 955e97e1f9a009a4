UPDATE users SET mail = lower(mail);
