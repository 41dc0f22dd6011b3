package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

const maxScoreBytes = 256 << 10

type api struct {
	store       *store
	objects     *objects
	suggestions bool
}

func (a *api) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/health", a.health)
	mux.HandleFunc("GET /api/scores", a.list)
	mux.HandleFunc("POST /api/scores", a.create)
	mux.HandleFunc("GET /api/scores/{id}/source", a.source)
	return mux
}

// health answers 503 while a store is away, so that traffic waits instead of failing.
func (a *api) health(w http.ResponseWriter, r *http.Request) {
	problems := map[string]string{}
	if err := a.store.ping(r.Context()); err != nil {
		problems["postgres"] = err.Error()
	}
	if err := a.objects.ping(); err != nil {
		problems["minio"] = err.Error()
	}
	if len(problems) > 0 {
		answer(w, http.StatusServiceUnavailable, map[string]any{"status": "degraded", "problems": problems})
		return
	}
	answer(w, http.StatusOK, map[string]any{"status": "ok", "version": version, "suggestions": a.suggestions})
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	scores, err := a.store.list(r.Context())
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, scores)
}

func (a *api) create(w http.ResponseWriter, r *http.Request) {
	var input struct{ Title, Source string }
	if err := json.NewDecoder(io.LimitReader(r.Body, maxScoreBytes)).Decode(&input); err != nil || input.Title == "" || input.Source == "" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "expected {\"title\": …, \"source\": …}"})
		return
	}
	key := fmt.Sprintf("%d.ly", time.Now().UnixNano())
	// The object first: a row without its object would be a broken score, the reverse is only waste.
	if err := a.objects.put(key, []byte(input.Source)); err != nil {
		fail(w, err)
		return
	}
	score, err := a.store.insert(r.Context(), input.Title, key, len(input.Source))
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusCreated, score)
}

func (a *api) source(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "id is a number"})
		return
	}
	key, err := a.store.objectKey(r.Context(), id)
	if errors.Is(err, errNotFound) {
		answer(w, http.StatusNotFound, map[string]string{"error": "no such score"})
		return
	}
	if err != nil {
		fail(w, err)
		return
	}
	source, err := a.objects.get(key)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/x-lilypond; charset=utf-8")
	_, _ = w.Write(source)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func fail(w http.ResponseWriter, err error) {
	slog.Error("request failed", "error", err)
	answer(w, http.StatusBadGateway, map[string]string{"error": "a store did not answer"})
}
