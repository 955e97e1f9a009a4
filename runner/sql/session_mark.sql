SET rung.session = :'nonce';
