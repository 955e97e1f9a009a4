-- AlterTable
ALTER TABLE "User" ADD COLUMN "mail" TEXT;
