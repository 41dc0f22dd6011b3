// What a node needs and no single program of Kubernetes brings: a network that enforces policies, a maker of volumes. Both follow the
// API server and act on this machine; they stand in for a network plug-in and a storage driver.
//
//	node-agent policies --server URL --tokens FILE --dns ADDRESS [--print]
//	node-agent volumes --server URL --tokens FILE --dir FOLDER --node NAME
//
// policies: both directions, peers by pod, namespace and address block with exceptions, ports by number, range and name. Connections
// that exist are kept; what the node itself starts, such as a probe, is never filtered; a rule takes effect within a fraction of a
// second. DNS runs on the node and counts as a pod with the label `k8s-app: kube-dns` in kube-system.
//
// volumes: a folder for each claim of a class whose provisioner is testbed.local/volumes, once a pod wants it; it goes with the claim
// where the class says so. A claim that asks to be shared between nodes waits for ever, as it does with the disks of a cloud.
package main

import (
	"flag"
	"log"
	"os"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: node-agent policies|volumes ...")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	server := flags.String("server", "", "the API server")
	tokens := flags.String("tokens", "", "a file whose first field is the token to use")
	dns := flags.String("dns", "", "the address at which DNS answers")
	show := flags.Bool("print", false, "print what would be enforced now, and end")
	dir := flags.String("dir", "", "where volumes lie")
	node := flags.String("node", "", "the name of this node")
	if err := flags.Parse(os.Args[2:]); err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(*tokens)
	if err != nil {
		log.Fatal(err)
	}
	token, _, _ := strings.Cut(string(text), ",")
	api := newAPI(*server, token)
	switch os.Args[1] {
	case "policies":
		enforce(api, newWorld(*dns), *show)
	case "volumes":
		provide(api, *dir, *node)
	default:
		log.Fatalf("no task %q", os.Args[1])
	}
}

// bell rings at most once until somebody listened.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default: // somebody rang already
	}
}
