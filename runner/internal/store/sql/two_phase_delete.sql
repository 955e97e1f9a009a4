DELETE FROM :"schema".two_phase;
