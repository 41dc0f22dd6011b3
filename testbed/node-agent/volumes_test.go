package main

import (
	"encoding/json"
	"testing"
)

func TestWhoseClaimIsServed(t *testing.T) {
	ours := class{Provisioner: provisioner}
	const waiting = `{"metadata":{"annotations":{"volume.kubernetes.io/selected-node":"node"}},"spec":{"accessModes":["ReadWriteOnce"]}}`
	for _, test := range []struct {
		behaviour, claim string
		kind             class
		served           bool
	}{
		{"one that a pod on this node waits for", waiting, ours, true},
		{"none of another class", waiting, class{Provisioner: "else"}, false},
		{"none that no pod wants yet", `{"spec":{"accessModes":["ReadWriteOnce"]}}`, ours, false},
		{"none that has its volume", `{"metadata":{"annotations":{"volume.kubernetes.io/selected-node":"node"}},"spec":{"volumeName":"v","accessModes":["ReadWriteOnce"]}}`, ours, false},
		{"none that several nodes are to share", `{"metadata":{"annotations":{"volume.kubernetes.io/selected-node":"node"}},"spec":{"accessModes":["ReadWriteMany"]}}`, ours, false},
	} {
		var claim claim
		if err := json.Unmarshal([]byte(test.claim), &claim); err != nil {
			t.Fatal(err)
		}
		if wants(claim, test.kind, "node") != test.served {
			t.Error(test.behaviour)
		}
	}
}
