CREATE INDEX IF NOT EXISTS scores_created_at ON scores (created_at DESC);
