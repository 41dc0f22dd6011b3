package main

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// provisioner is the name by which a class asks for us.
const provisioner = "testbed.local/volumes"

type claim struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		StorageClassName string   `json:"storageClassName"`
		VolumeName       string   `json:"volumeName"`
		VolumeMode       string   `json:"volumeMode"`
		AccessModes      []string `json:"accessModes"`
		Resources        struct {
			Requests map[string]string `json:"requests"`
		} `json:"resources"`
	} `json:"spec"`
}

type volume struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		Reclaim string `json:"persistentVolumeReclaimPolicy"`
		Local   *struct {
			Path string `json:"path"`
		} `json:"local"`
	} `json:"spec"`
	Status struct {
		Phase string `json:"phase"`
	} `json:"status"`
}

type class struct {
	Metadata    metadata `json:"metadata"`
	Provisioner string   `json:"provisioner"`
	Reclaim     string   `json:"reclaimPolicy"`
}

func (c claim) identity() metadata  { return c.Metadata }
func (v volume) identity() metadata { return v.Metadata }
func (c class) identity() metadata  { return c.Metadata }

// provide makes a folder and a volume for each claim that waits for one, and deletes both when the claim is gone.
func provide(api *api, dir, node string) {
	claims, volumes, classes := newStore[claim](), newStore[volume](), newStore[class]()
	changed := newBell()
	go follow(api, "/api/v1/persistentvolumeclaims", claims, changed)
	go follow(api, "/api/v1/persistentvolumes", volumes, changed)
	go follow(api, "/apis/storage.k8s.io/v1/storageclasses", classes, changed)
	for range changed {
		held, haveVolumes := volumes.all()
		kinds, haveClasses := classes.all()
		waiting, _ := claims.all()
		if !haveVolumes || !haveClasses {
			continue
		}
		var failed error
		for _, claim := range waiting {
			kind := kinds["/"+claim.Spec.StorageClassName]
			if _, made := held["/"+volumeName(claim)]; !made && wants(claim, kind, node) {
				failed = errors.Join(failed, provision(api, claim, kind, dir, node))
			}
		}
		for _, volume := range held {
			if released(volume) {
				failed = errors.Join(failed, discard(api, volume, dir))
			}
		}
		if failed != nil {
			log.Print(failed)
			time.AfterFunc(time.Second, changed.ring)
		}
	}
}

// wants says whether a claim waits for a volume of ours on this node. A class that waits for the first consumer names the node.
func wants(claim claim, kind class, node string) bool {
	for _, mode := range claim.Spec.AccessModes {
		if mode != "ReadWriteOnce" && mode != "ReadWriteOncePod" {
			return false
		}
	}
	return kind.Provisioner == provisioner && claim.Spec.VolumeName == "" && claim.Spec.VolumeMode != "Block" &&
		claim.Metadata.Annotations["volume.kubernetes.io/selected-node"] == node
}

func released(volume volume) bool {
	return volume.Metadata.Annotations["pv.kubernetes.io/provisioned-by"] == provisioner && volume.Status.Phase == "Released" &&
		volume.Spec.Reclaim == "Delete" && volume.Spec.Local != nil
}

func volumeName(claim claim) string { return "claim-" + claim.Metadata.UID }

// provision makes the folder first: a volume that is there can be used at once.
func provision(api *api, claim claim, kind class, dir, node string) error {
	path := filepath.Join(dir, volumeName(claim))
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	object := map[string]any{
		"apiVersion": "v1", "kind": "PersistentVolume",
		"metadata": map[string]any{
			"name":        volumeName(claim),
			"annotations": map[string]string{"pv.kubernetes.io/provisioned-by": provisioner},
		},
		"spec": map[string]any{
			"capacity":                      map[string]string{"storage": claim.Spec.Resources.Requests["storage"]},
			"accessModes":                   claim.Spec.AccessModes,
			"persistentVolumeReclaimPolicy": kind.Reclaim,
			"storageClassName":              kind.Metadata.Name,
			"local":                         map[string]string{"path": path},
			"claimRef": map[string]string{
				"apiVersion": "v1", "kind": "PersistentVolumeClaim", "uid": claim.Metadata.UID,
				"namespace": claim.Metadata.Namespace, "name": claim.Metadata.Name,
			},
			"nodeAffinity": map[string]any{"required": map[string]any{"nodeSelectorTerms": []any{map[string]any{
				"matchExpressions": []any{map[string]any{"key": "kubernetes.io/hostname", "operator": "In", "values": []string{node}}},
			}}}},
		},
	}
	log.Printf("%s for %s", path, claim.Metadata.key())
	return api.send(http.MethodPost, "/api/v1/persistentvolumes", object, http.StatusConflict)
}

// discard deletes what is in the folder before the object that tells of it.
func discard(api *api, volume volume, dir string) error {
	path := volume.Spec.Local.Path
	if filepath.Dir(path) != filepath.Clean(dir) {
		return fmt.Errorf("%s: %s is not below %s", volume.Metadata.Name, path, dir)
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	log.Printf("deleted %s", path)
	return api.send(http.MethodDelete, "/api/v1/persistentvolumes/"+volume.Metadata.Name, nil, http.StatusNotFound)
}
