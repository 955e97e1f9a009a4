COPY t FROM STDIN -- nothing
