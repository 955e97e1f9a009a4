-- nothing
/* here */
;;
; -- end
