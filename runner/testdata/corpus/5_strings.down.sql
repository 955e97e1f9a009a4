DROP TABLE "semi;colon";
DROP TABLE strings;
