-- nothing to do yet

/* or ever
   /* again */ */
;;
