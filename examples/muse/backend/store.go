package main

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	_ "github.com/lib/pq"
)

//go:embed migrations/*.sql
var migrations embed.FS

var errNotFound = errors.New("not found")

type store struct{ *sql.DB }

type score struct {
	ID        int64     `json:"id"`
	Title     string    `json:"title"`
	Bytes     int64     `json:"bytes"`
	CreatedAt time.Time `json:"created_at"`
}

func openStore(url string) (*store, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	db.SetMaxOpenConns(10)
	return &store{db}, nil
}

// migrate runs every file in name order; each can be run again without harm.
func (s *store) migrate() error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := s.Exec(string(text)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s *store) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.PingContext(ctx)
}

func (s *store) list(ctx context.Context) ([]score, error) {
	rows, err := s.QueryContext(ctx, `SELECT id, title, bytes, created_at FROM scores ORDER BY created_at DESC LIMIT 100`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	scores := []score{}
	for rows.Next() {
		var s score
		if err := rows.Scan(&s.ID, &s.Title, &s.Bytes, &s.CreatedAt); err != nil {
			return nil, err
		}
		scores = append(scores, s)
	}
	return scores, rows.Err()
}

func (s *store) insert(ctx context.Context, title, key string, size int) (score, error) {
	row := s.QueryRowContext(ctx,
		`INSERT INTO scores (title, object_key, bytes) VALUES ($1, $2, $3) RETURNING id, title, bytes, created_at`,
		title, key, size)
	var out score
	err := row.Scan(&out.ID, &out.Title, &out.Bytes, &out.CreatedAt)
	return out, err
}

func (s *store) objectKey(ctx context.Context, id int64) (string, error) {
	var key string
	err := s.QueryRowContext(ctx, `SELECT object_key FROM scores WHERE id = $1`, id).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNotFound
	}
	return key, err
}
