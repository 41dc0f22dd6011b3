package main

import "encoding/json"

// What is read of each kind; everything else in it does not matter here.

type pod struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		HostNetwork    bool        `json:"hostNetwork"`
		InitContainers []container `json:"initContainers"`
		Containers     []container `json:"containers"`
	} `json:"spec"`
	Status struct {
		Phase string `json:"phase"`
		PodIP string `json:"podIP"`
	} `json:"status"`
}

type container struct {
	RestartPolicy string `json:"restartPolicy"`
	Ports         []struct {
		Name          string `json:"name"`
		ContainerPort int    `json:"containerPort"`
		Protocol      string `json:"protocol"`
	} `json:"ports"`
}

type namespace struct {
	Metadata metadata `json:"metadata"`
}

type policy struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		PodSelector selector `json:"podSelector"`
		PolicyTypes []string `json:"policyTypes"`
		Ingress     []rule   `json:"ingress"`
		Egress      []rule   `json:"egress"`
	} `json:"spec"`
}

type rule struct {
	From  []peer `json:"from"`
	To    []peer `json:"to"`
	Ports []port `json:"ports"`
}

type peer struct {
	PodSelector       *selector `json:"podSelector"`
	NamespaceSelector *selector `json:"namespaceSelector"`
	IPBlock           *struct {
		CIDR   string   `json:"cidr"`
		Except []string `json:"except"`
	} `json:"ipBlock"`
}

type port struct {
	Protocol string          `json:"protocol"`
	Port     json.RawMessage `json:"port"` // a number, a name, or not there
	EndPort  int             `json:"endPort"`
}

type selector struct {
	MatchLabels      map[string]string `json:"matchLabels"`
	MatchExpressions []struct {
		Key      string   `json:"key"`
		Operator string   `json:"operator"`
		Values   []string `json:"values"`
	} `json:"matchExpressions"`
}

func (p pod) identity() metadata       { return p.Metadata }
func (n namespace) identity() metadata { return n.Metadata }
func (p policy) identity() metadata    { return p.Metadata }

// matches says whether a selector selects what has these labels; an empty one selects everything.
func (s selector) matches(labels map[string]string) bool {
	for key, value := range s.MatchLabels {
		if found, there := labels[key]; !there || found != value {
			return false
		}
	}
	for _, term := range s.MatchExpressions {
		value, there := labels[term.Key]
		listed := false
		for _, candidate := range term.Values {
			listed = listed || candidate == value
		}
		switch term.Operator {
		case "In":
			if !there || !listed {
				return false
			}
		case "NotIn":
			if there && listed {
				return false
			}
		case "Exists":
			if !there {
				return false
			}
		case "DoesNotExist":
			if there {
				return false
			}
		}
	}
	return true
}

// directions are those in which a policy isolates the pods it selects.
func (p policy) isolates(direction direction) bool {
	if len(p.Spec.PolicyTypes) == 0 {
		return direction == ingress || len(p.Spec.Egress) > 0
	}
	for _, named := range p.Spec.PolicyTypes {
		if named == string(direction) {
			return true
		}
	}
	return false
}
