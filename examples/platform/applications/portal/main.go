// Command portal shows which stacks of the platform answer.
package main

import (
	_ "embed"
	"encoding/json"
	"flag"
	"html/template"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

type service struct {
	Category string `json:"category"`
	Name     string `json:"name"`
	Address  string `json:"address"`
	Link     string `json:"link,omitempty"`
}

type state struct {
	service
	Up bool `json:"up"`
}

func main() {
	listen := flag.String("listen", ":8080", "address to serve on")
	file := flag.String("services", "services.json", "the stacks to look at")
	check := flag.String("check", "", "ask this URL, end with 0 if it answers 200, and do nothing else")
	flag.Parse()
	if *check != "" {
		os.Exit(checkURL(*check))
	}

	text, err := os.ReadFile(*file)
	if err != nil {
		log.Fatal(err)
	}
	var services []service
	if err := json.Unmarshal(text, &services); err != nil {
		log.Fatalf("%s: %v", *file, err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /states.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(look(services))
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_ = page.Execute(w, map[string]any{"Domain": os.Getenv("DOMAIN"), "States": look(services)})
	})
	log.Printf("listening on %s", *listen)
	server := http.Server{Addr: *listen, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// look dials all services at once: the page takes as long as the slowest, a second at most.
func look(services []service) []state {
	states := make([]state, len(services))
	var group sync.WaitGroup
	for i, s := range services {
		group.Add(1)
		go func() {
			defer group.Done()
			connection, err := net.DialTimeout("tcp", s.Address, time.Second)
			if err == nil {
				_ = connection.Close()
			}
			states[i] = state{s, err == nil}
		}()
	}
	group.Wait()
	return states
}

func checkURL(url string) int {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get(url)
	if err != nil || answer.StatusCode != http.StatusOK {
		return 1
	}
	return 0
}
