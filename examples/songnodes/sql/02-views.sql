-- Two tracks are neighbours when one follows the other in a playlist; the weight counts how often.
CREATE VIEW adjacency AS
SELECT a.track_id AS source, b.track_id AS target, count(*) AS weight
FROM playlist_tracks a
JOIN playlist_tracks b ON b.playlist_id = a.playlist_id AND b.position = a.position + 1
GROUP BY 1, 2;
