// Command muse-api keeps scores: their notation in MinIO, everything searchable in PostgreSQL.
//
//	muse-api serve              the HTTP API (default)
//	muse-api setup              creates tables and bucket, then ends
//	muse-api healthcheck URL    ends with 0 if URL answers 200
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

var version = "dev" // set by the linker

func main() {
	var level slog.Level
	_ = level.UnmarshalText([]byte(env("LOG_LEVEL", "info")))
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level})))

	args := append(os.Args[1:], "serve")
	var err error
	switch args[0] {
	case "serve":
		err = serve()
	case "setup":
		err = setup()
	case "healthcheck":
		err = healthcheck(args[1])
	default:
		err = fmt.Errorf("unknown command %q: serve, setup or healthcheck", args[0])
	}
	if err != nil {
		slog.Error("muse-api stopped", "error", err)
		os.Exit(1)
	}
}

func serve() error {
	store, err := openStore(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer store.Close()
	api := &api{store: store, objects: objectsFromEnv(), suggestions: suggestionsEnabled()}
	server := &http.Server{
		Addr:              ":" + env("PORT", "8081"),
		Handler:           api.routes(),
		ReadHeaderTimeout: 5 * time.Second,
	}

	// SIGTERM is how both Compose and Kubernetes ask a container to end.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.Background(), 8*time.Second)
		defer cancel()
		_ = server.Shutdown(drain)
	}()
	slog.Info("listening", "address", server.Addr, "version", version)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func setup() error {
	store, err := openStore(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.migrate(); err != nil {
		return fmt.Errorf("creating the tables: %w", err)
	}
	if err := objectsFromEnv().createBucket(); err != nil {
		return fmt.Errorf("creating the bucket: %w", err)
	}
	slog.Info("tables and bucket are in place")
	return nil
}

func healthcheck(url string) error {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return nil
}

// suggestionsEnabled tells whether a usable API key is mounted.
func suggestionsEnabled() bool {
	key, err := os.ReadFile(os.Getenv("ANTHROPIC_API_KEY_FILE"))
	text := strings.TrimSpace(string(key))
	return err == nil && text != "" && text != "change-me"
}

func env(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
