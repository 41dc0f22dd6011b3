package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// Three pods in two namespaces: web (10.0.0.1) and db (10.0.0.2) in shop, spy (10.0.0.3) in other.
func small(t *testing.T, policies ...string) *world {
	t.Helper()
	w := newWorld("9.9.9.9")
	put := func(text string, into any) {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	for _, text := range []string{
		`{"metadata":{"name":"shop","labels":{"kubernetes.io/metadata.name":"shop"}}}`,
		`{"metadata":{"name":"other","labels":{"team":"other"}}}`,
		`{"metadata":{"name":"kube-system","labels":{"kubernetes.io/metadata.name":"kube-system"}}}`,
	} {
		var item namespace
		put(text, &item)
		w.namespaces.put(item.Metadata.key(), item, false)
	}
	for _, text := range []string{
		`{"metadata":{"name":"web","namespace":"shop","labels":{"app":"web"}},"status":{"podIP":"10.0.0.1","phase":"Running"}}`,
		`{"metadata":{"name":"db","namespace":"shop","labels":{"app":"db"}},"spec":{"containers":[{"ports":[{"name":"sql","containerPort":5432}]}]},"status":{"podIP":"10.0.0.2","phase":"Running"}}`,
		`{"metadata":{"name":"spy","namespace":"other","labels":{"app":"web"}},"status":{"podIP":"10.0.0.3","phase":"Running"}}`,
		`{"metadata":{"name":"over","namespace":"shop","labels":{"app":"web"}},"status":{"podIP":"10.0.0.4","phase":"Succeeded"}}`,
	} {
		var item pod
		put(text, &item)
		w.pods.put(item.Metadata.key(), item, false)
	}
	for _, text := range policies {
		var item policy
		put(text, &item)
		w.policies.put(item.Metadata.key(), item, false)
	}
	return w
}

// The lines of the chain of one address in one direction; nil where nothing isolates it.
func chain(table, name string) []string {
	_, rest, found := strings.Cut(table, "\tchain "+name+" {\n")
	if !found {
		return nil
	}
	body, _, _ := strings.Cut(rest, "\t}\n")
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

func TestRules(t *testing.T) {
	policy := func(spec string) string {
		return `{"metadata":{"name":"p","namespace":"shop"},"spec":` + spec + `}`
	}
	for _, test := range []struct {
		behaviour, spec, chain string
		lines                  []string
	}{
		{"nothing is isolated by a policy that selects nothing", `{"podSelector":{"matchLabels":{"app":"none"}},"policyTypes":["Ingress"]}`, "ingress-10-0-0-2", nil},
		{"an empty list denies", `{"podSelector":{},"policyTypes":["Ingress"]}`, "ingress-10-0-0-2",
			[]string{"ip saddr 10.0.0.2 return", "counter drop"}},
		{"denied ingress leaves egress open", `{"podSelector":{},"policyTypes":["Ingress"]}`, "egress-10-0-0-2", nil},
		{"types are told from the rules where none are named", `{"podSelector":{},"egress":[{}]}`, "egress-10-0-0-1",
			[]string{"return", "ip daddr 10.0.0.1 return", "counter drop"}},
		{"a port's name towards anybody is looked up at each of them", `{"podSelector":{},"egress":[{"ports":[{"port":"sql"}]}]}`, "egress-10-0-0-1",
			[]string{"ip daddr 10.0.0.1 return", "ip daddr 10.0.0.2 tcp dport 5432 return", "counter drop"}},
		{"other namespaces are not touched", `{"podSelector":{},"policyTypes":["Ingress"]}`, "ingress-10-0-0-3", nil},
		{"a peer by pod is one of the same namespace, and one that runs", `{"podSelector":{"matchLabels":{"app":"db"}},"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"web"}}}],"ports":[{"port":5432}]}]}`, "ingress-10-0-0-2",
			[]string{"ip saddr 10.0.0.1 tcp dport 5432 return", "ip saddr 10.0.0.2 return", "counter drop"}},
		{"a peer by namespace is every pod in it", `{"podSelector":{"matchLabels":{"app":"db"}},"ingress":[{"from":[{"namespaceSelector":{"matchExpressions":[{"key":"team","operator":"Exists"}]}}]}]}`, "ingress-10-0-0-2",
			[]string{"ip saddr 10.0.0.2 return", "ip saddr 10.0.0.3 return", "counter drop"}},
		{"a block may have holes", `{"podSelector":{"matchLabels":{"app":"db"}},"egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["10.0.0.0/8"]}}]}],"policyTypes":["Egress"]}`, "egress-10-0-0-2",
			[]string{"ip daddr 0.0.0.0/0 ip daddr != { 10.0.0.0/8 } return", "ip daddr 10.0.0.2 return", "counter drop"}},
		{"a port's name is looked up where it is received", `{"podSelector":{"matchLabels":{"app":"web"}},"egress":[{"to":[{"podSelector":{}}],"ports":[{"port":"sql"}]}],"policyTypes":["Egress"]}`, "egress-10-0-0-1",
			[]string{"ip daddr 10.0.0.1 return", "ip daddr 10.0.0.2 tcp dport 5432 return", "counter drop"}},
		{"DNS is a pod of kube-system", `{"podSelector":{"matchLabels":{"app":"db"}},"egress":[{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system"}},"podSelector":{"matchLabels":{"k8s-app":"kube-dns"}}}],"ports":[{"port":53,"protocol":"UDP"}]}],"policyTypes":["Egress"]}`, "egress-10-0-0-2",
			[]string{"ip daddr 10.0.0.2 return", "ip daddr 9.9.9.9 udp dport 53 return", "counter drop"}},
		{"a range and a protocol alone", `{"podSelector":{"matchLabels":{"app":"db"}},"ingress":[{"ports":[{"port":80,"endPort":90},{"protocol":"UDP"}]}]}`, "ingress-10-0-0-2",
			[]string{"ip saddr 10.0.0.2 return", "meta l4proto udp return", "tcp dport 80-90 return", "counter drop"}},
	} {
		table := small(t, policy(test.spec)).table()
		if got := chain(table, test.chain); strings.Join(got, "\n") != strings.Join(test.lines, "\n") {
			t.Errorf("%s: %q, not %q", test.behaviour, got, test.lines)
		}
	}
}

func TestPoliciesAddUp(t *testing.T) {
	deny := `{"metadata":{"name":"deny","namespace":"shop"},"spec":{"podSelector":{},"policyTypes":["Ingress","Egress"]}}`
	open := `{"metadata":{"name":"open","namespace":"shop"},"spec":{"podSelector":{"matchLabels":{"app":"db"}},"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"web"}}}]}]}}`
	got := chain(small(t, deny, open).table(), "ingress-10-0-0-2")
	want := "ip saddr 10.0.0.1 return|ip saddr 10.0.0.2 return|counter drop"
	if strings.Join(got, "|") != want {
		t.Errorf("%q, not %q", got, want)
	}
}

func TestTheSameObjectsGiveTheSameText(t *testing.T) {
	spec := `{"metadata":{"name":"p","namespace":"shop"},"spec":{"podSelector":{},"egress":[{}],"policyTypes":["Ingress","Egress"]}}`
	first := small(t, spec).table()
	for range 20 {
		if small(t, spec).table() != first {
			t.Fatal("two texts differ")
		}
	}
}
