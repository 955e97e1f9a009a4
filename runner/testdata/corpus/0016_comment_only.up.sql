-- intentionally left
/* blank; */
