module.exports = { dialect: "postgresql", out: process.env.OUT, dbCredentials: { url: process.env.DATABASE_URL } };
