package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

type direction string

const (
	ingress direction = "Ingress"
	egress  direction = "Egress"
)

// world is what the API server told so far.
type world struct {
	pods       *store[pod]
	namespaces *store[namespace]
	policies   *store[policy]
	dns        string
}

func newWorld(dns string) *world {
	return &world{newStore[pod](), newStore[namespace](), newStore[policy](), dns}
}

func (w *world) complete() bool {
	_, pods := w.pods.all()
	_, namespaces := w.namespaces.all()
	_, policies := w.policies.all()
	return pods && namespaces && policies
}

// endpoint is a pod as the filter sees it: an address with labels.
type endpoint struct {
	address, namespace string
	labels             map[string]string
	ports              map[string]int // by protocol and name, such as tcp/http
	ours               bool           // policies isolate it; otherwise it is only a peer
}

// table writes the whole of the rules, in an order that depends on nothing but the objects.
func (w *world) table() string {
	endpoints := w.endpoints()
	var chains strings.Builder
	jumps := map[direction][]string{}
	for _, target := range endpoints {
		for _, way := range []direction{egress, ingress} {
			rules, isolated := w.rules(target, way, endpoints)
			if !isolated {
				continue
			}
			name := strings.ToLower(string(way)) + "-" + strings.ReplaceAll(target.address, ".", "-")
			fmt.Fprintf(&chains, "\tchain %s {\n", name)
			for _, line := range rules {
				fmt.Fprintf(&chains, "\t\t%s return\n", line)
			}
			chains.WriteString("\t\tcounter drop\n\t}\n")
			jumps[way] = append(jumps[way], fmt.Sprintf("%s : jump %s", target.address, name))
		}
	}
	body := "\t\tct state established,related accept\n"
	for _, way := range []direction{egress, ingress} {
		if len(jumps[way]) > 0 {
			body += fmt.Sprintf("\t\tip %s vmap { %s }\n", map[direction]string{egress: "saddr", ingress: "daddr"}[way], strings.Join(jumps[way], ", "))
		}
	}
	// Between pods and to the outside packets are forwarded; to DNS and to whatever else listens on the node they come in. After
	// the service proxy, so that addresses are those of pods.
	hooks := ""
	for _, hook := range []string{"forward", "input"} {
		hooks += fmt.Sprintf("\tchain %s {\n\t\ttype filter hook %s priority -5; policy accept;\n%s\t}\n", hook, hook, body)
	}
	return "table ip policies\ndelete table ip policies\ntable ip policies {\n" + chains.String() + hooks + "}\n"
}

func (w *world) endpoints() []endpoint {
	dns := endpoint{
		address: w.dns, namespace: "kube-system", labels: map[string]string{"k8s-app": "kube-dns"},
		ports: map[string]int{"udp/dns": 53, "tcp/dns-tcp": 53},
	}
	found := []endpoint{dns}
	pods, _ := w.pods.all()
	for _, pod := range pods {
		ended := pod.Status.Phase == "Succeeded" || pod.Status.Phase == "Failed"
		if pod.Status.PodIP == "" || pod.Spec.HostNetwork || ended {
			continue
		}
		ports := map[string]int{}
		running := append([]container{}, pod.Spec.Containers...)
		for _, first := range pod.Spec.InitContainers {
			if first.RestartPolicy == "Always" {
				running = append(running, first)
			}
		}
		for _, container := range running {
			for _, port := range container.Ports {
				ports[protocol(port.Protocol)+"/"+port.Name] = port.ContainerPort
			}
		}
		found = append(found, endpoint{pod.Status.PodIP, pod.Metadata.Namespace, pod.Metadata.Labels, ports, true})
	}
	sort.Slice(found, func(a, b int) bool { return found[a].address < found[b].address })
	return found
}

// rules are the conditions under which a packet of an endpoint may pass in one direction; without isolation there are none.
func (w *world) rules(target endpoint, way direction, endpoints []endpoint) ([]string, bool) {
	isolated := false
	lines := map[string]bool{}
	policies, _ := w.policies.all()
	for _, policy := range policies {
		if !target.ours || policy.Metadata.Namespace != target.namespace ||
			!policy.isolates(way) || !policy.Spec.PodSelector.matches(target.labels) {
			continue
		}
		isolated = true
		rules := policy.Spec.Ingress
		if way == egress {
			rules = policy.Spec.Egress
		}
		for _, rule := range rules {
			w.conditions(rule, target, way, endpoints, lines)
		}
	}
	// Nothing keeps a pod from itself.
	lines["ip "+side(way)+" "+target.address] = true
	sorted := make([]string, 0, len(lines))
	for line := range lines {
		sorted = append(sorted, line)
	}
	sort.Strings(sorted)
	return sorted, isolated
}

// conditions adds those of one rule to lines.
func (w *world) conditions(rule rule, target endpoint, way direction, endpoints []endpoint, lines map[string]bool) {
	add := func(from string, receiver *endpoint) {
		for _, match := range portMatches(rule.Ports, receiver) {
			lines[strings.TrimSpace(from+" "+match)] = true
		}
	}
	receiver := func(other *endpoint) *endpoint { // whose named ports count
		if way == ingress {
			return &target
		}
		return other
	}
	peers := rule.From
	if way == egress {
		peers = rule.To
	}
	if len(peers) == 0 {
		add("", receiver(nil))
		if way == egress && anyNamed(rule.Ports) { // a port's name means something else at each receiver
			for at := range endpoints {
				add("ip daddr "+endpoints[at].address, &endpoints[at])
			}
		}
		return
	}
	for _, peer := range peers {
		if block := peer.IPBlock; block != nil {
			if strings.Contains(block.CIDR, ":") {
				continue // the pod network has version 4 alone
			}
			from := "ip " + side(way) + " " + block.CIDR
			if len(block.Except) > 0 {
				from += " ip " + side(way) + " != { " + strings.Join(block.Except, ", ") + " }"
			}
			add(from, receiver(nil))
			continue
		}
		for at, other := range endpoints {
			if w.meant(peer, target.namespace, other) {
				add("ip "+side(way)+" "+other.address, receiver(&endpoints[at]))
			}
		}
	}
}

// meant says whether a peer of a policy in that namespace names an endpoint.
func (w *world) meant(peer peer, own string, other endpoint) bool {
	if peer.NamespaceSelector == nil {
		if other.namespace != own {
			return false
		}
	} else {
		namespaces, _ := w.namespaces.all()
		if !peer.NamespaceSelector.matches(namespaces["/"+other.namespace].Metadata.Labels) {
			return false
		}
	}
	return peer.PodSelector == nil || peer.PodSelector.matches(other.labels)
}

// side is the end of a packet that is the peer's.
func side(way direction) string {
	if way == ingress {
		return "saddr"
	}
	return "daddr"
}

// portMatches are the conditions for a rule's ports, one of which has to hold; a name that the receiver does not have matches nothing.
func portMatches(ports []port, receiver *endpoint) []string {
	if len(ports) == 0 {
		return []string{""}
	}
	var found []string
	for _, port := range ports {
		transport := protocol(port.Protocol)
		var name string
		switch {
		case len(port.Port) == 0 || string(port.Port) == "null":
			found = append(found, "meta l4proto "+transport)
		case json.Unmarshal(port.Port, &name) == nil:
			if receiver != nil {
				if number, there := receiver.ports[transport+"/"+name]; there {
					found = append(found, fmt.Sprintf("%s dport %d", transport, number))
				}
			}
		case port.EndPort > 0:
			found = append(found, fmt.Sprintf("%s dport %s-%s", transport, port.Port, strconv.Itoa(port.EndPort)))
		default:
			found = append(found, fmt.Sprintf("%s dport %s", transport, port.Port))
		}
	}
	return found
}

func anyNamed(ports []port) bool {
	for _, port := range ports {
		if strings.HasPrefix(string(port.Port), `"`) {
			return true
		}
	}
	return false
}

func protocol(named string) string {
	if named == "" {
		return "tcp"
	}
	return strings.ToLower(named)
}
