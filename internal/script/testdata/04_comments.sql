/* a /* nested ; */ still ; */ SELECT 1;
SELECT 1 --; 'not a string
;
SELECT 2 +-- comment ;
3, 4*/* comment ; */5, 6 - -7, 8 /-/* ; */9;
/**/SELECT/*/ ; */1;
/***/ SELECT 2 /* ** / */; --
