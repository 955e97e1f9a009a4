UPDATE users SET mail = lower(mail);
SELECT '$HOME';
