CREATE TABLE artists (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE tracks (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artist_id BIGINT NOT NULL REFERENCES artists,
    title     TEXT   NOT NULL,
    mix       TEXT   NOT NULL DEFAULT '',
    bpm       INT,
    key       TEXT,
    UNIQUE (artist_id, title, mix)
);

CREATE TABLE playlists (
    id     TEXT PRIMARY KEY,
    source TEXT NOT NULL
);

CREATE TABLE playlist_tracks (
    playlist_id TEXT   NOT NULL REFERENCES playlists,
    position    INT    NOT NULL,
    track_id    BIGINT NOT NULL REFERENCES tracks,
    PRIMARY KEY (playlist_id, position)
);
