CREATE TABLE IF NOT EXISTS scores (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title      TEXT        NOT NULL CHECK (title <> ''),
    object_key TEXT        NOT NULL UNIQUE,
    bytes      BIGINT      NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
