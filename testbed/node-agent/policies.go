package main

import (
	"fmt"
	"log"
	"os/exec"
	"strings"
	"time"
)

// enforce keeps the kernel's rules like the policies.
func enforce(api *api, seen *world, show bool) {
	changed := newBell()
	go follow(api, "/api/v1/pods", seen.pods, changed)
	go follow(api, "/api/v1/namespaces", seen.namespaces, changed)
	go follow(api, "/apis/networking.k8s.io/v1/networkpolicies", seen.policies, changed)
	enforced := ""
	for range changed {
		time.Sleep(20 * time.Millisecond) // changes come in bursts
		if !seen.complete() {
			continue
		}
		table := seen.table()
		if show {
			fmt.Print(table)
			return
		}
		if table == enforced {
			continue
		}
		if err := apply(table); err != nil {
			log.Print(err)
			time.AfterFunc(time.Second, changed.ring)
			continue
		}
		enforced = table
		log.Print("enforcing\n", table)
	}
}

// apply hands the rules to the kernel, which takes all of them at once or none.
func apply(table string) error {
	filter := exec.Command("nft", "-f", "-")
	filter.Stdin = strings.NewReader(table)
	if said, err := filter.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, said)
	}
	return nil
}
