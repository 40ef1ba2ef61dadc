-- Note replies that two emitters told: one row per record to leave out.
INSERT INTO llmcost.duplicate_calls SELECT * FROM llmcost.duplicates_found
