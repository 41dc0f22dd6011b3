package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"sync"
	"time"
)

// api reads lists of objects from an API server, and then what changes in them.
type api struct {
	server, token string
	client        *http.Client
}

func newAPI(server, token string) *api {
	// The server made its certificate itself, a moment ago, on this machine.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	return &api{server: server, token: token, client: &http.Client{Transport: transport}}
}

// send changes something; a status that says it is so already is no error.
func (a *api) send(method, path string, object any, already int) error {
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	if object == nil {
		body = nil
	}
	request, err := http.NewRequest(method, a.server+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 && answer.StatusCode != already {
		said, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, said)
	}
	return nil
}

func (a *api) get(path string) (*http.Response, error) {
	request, err := http.NewRequest(http.MethodGet, a.server+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	answer, err := a.client.Do(request)
	if err == nil && answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		err = fmt.Errorf("%s: %s", path, answer.Status)
	}
	return answer, err
}

// store holds the objects of one kind, by namespace and name.
type store[T any] struct {
	lock   sync.Mutex
	items  map[string]T
	listed bool
}

func newStore[T any]() *store[T] { return &store[T]{items: map[string]T{}} }

func (s *store[T]) replace(items map[string]T) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.items, s.listed = items, true
}

func (s *store[T]) put(key string, item T, gone bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if gone {
		delete(s.items, key)
	} else {
		s.items[key] = item
	}
}

// all returns the objects by key, and whether the first list has come.
func (s *store[T]) all() (map[string]T, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	copied := make(map[string]T, len(s.items))
	for key, item := range s.items {
		copied[key] = item
	}
	return copied, s.listed
}

// object is what all kinds have in common.
type object interface{ identity() metadata }

type metadata struct {
	Name            string            `json:"name"`
	Namespace       string            `json:"namespace"`
	UID             string            `json:"uid"`
	Labels          map[string]string `json:"labels"`
	Annotations     map[string]string `json:"annotations"`
	ResourceVersion string            `json:"resourceVersion"`
}

func (m metadata) key() string { return m.Namespace + "/" + m.Name }

// follow keeps a store like the server's, for ever.
func follow[T object](a *api, path string, kept *store[T], changed bell) {
	for {
		if err := listAndWatch(a, path, kept, changed); err != nil {
			log.Print(err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func listAndWatch[T object](a *api, path string, kept *store[T], changed bell) error {
	answer, err := a.get(path)
	if err != nil {
		return err
	}
	var list struct {
		Metadata metadata `json:"metadata"`
		Items    []T      `json:"items"`
	}
	err = json.NewDecoder(answer.Body).Decode(&list)
	answer.Body.Close()
	if err != nil {
		return err
	}
	items := map[string]T{}
	for _, item := range list.Items {
		items[item.identity().key()] = item
	}
	kept.replace(items)
	changed.ring()
	answer, err = a.get(path + "?watch=true&resourceVersion=" + list.Metadata.ResourceVersion)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	for events := json.NewDecoder(answer.Body); ; {
		var event struct {
			Type   string          `json:"type"`
			Object json.RawMessage `json:"object"`
		}
		if err := events.Decode(&event); err != nil {
			return nil // the server ends a watch now and then; a new list follows
		}
		var item T
		switch event.Type {
		case "ADDED", "MODIFIED", "DELETED":
			if err := json.Unmarshal(event.Object, &item); err != nil {
				return err
			}
			kept.put(item.identity().key(), item, event.Type == "DELETED")
			changed.ring()
		case "ERROR":
			return nil // too far behind
		}
	}
}
