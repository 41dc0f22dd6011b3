//! What kinds of clusters bring along: classes, load balancers, and how images get there. One row each, with sources.

/// A kind of cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its word, as the user writes it.
    pub name: &'static str,
    /// Its name as its makers write it.
    pub title: &'static str,
    /// The storage class that is named in claims; `None` where the cluster's default one does.
    pub storage_class: Option<&'static str>,
    /// A class whose volumes several nodes mount to write, where the cluster brings one.
    pub shared_class: Option<&'static str>,
    /// The class of Ingresses; `None` where the cluster's default one does.
    pub ingress_class: Option<&'static str>,
    /// The class of Gateways, where the definitions of the Gateway API are there.
    pub gateway_class: Option<&'static str>,
    /// Whether a Service of type `LoadBalancer` gets an address.
    pub load_balancer: bool,
    /// What has to be done once before the entry works; empty where nothing has.
    pub entry_setup: &'static str,
    /// A command that prints the address of the entry; empty where only the objects know it.
    pub address: &'static str,
    /// A command that brings an image from this machine to the nodes, `IMAGE` in it; empty where a registry is needed.
    pub load_image: &'static str,
    /// A registry of the cluster's own on this machine.
    pub registry: Option<&'static str>,
    /// Where the facts were read.
    pub sources: &'static [&'static str],
}

/// Every kind, by name.
pub const PROFILES: &[Profile] = &[
    Profile {
        name: "aks",
        title: "Azure Kubernetes Service",
        storage_class: Some("managed-csi"),
        shared_class: Some("azurefile-csi"),
        ingress_class: Some("webapprouting.kubernetes.azure.com"),
        gateway_class: None,
        load_balancer: true,
        entry_setup: "az aks approuting enable --resource-group GROUP --name CLUSTER",
        address: "",
        load_image: "",
        registry: None,
        sources: &[
            "https://learn.microsoft.com/azure/aks/concepts-storage",
            "https://learn.microsoft.com/azure/aks/app-routing",
        ],
    },
    Profile {
        name: "eks",
        title: "Amazon Elastic Kubernetes Service",
        storage_class: Some("gp2"),
        shared_class: None,
        ingress_class: Some("alb"),
        gateway_class: None,
        load_balancer: true,
        entry_setup: "install the AWS Load Balancer Controller, which serves the class `alb`, and the EBS CSI driver for claims",
        address: "",
        load_image: "",
        registry: None,
        sources: &[
            "https://docs.aws.amazon.com/eks/latest/userguide/alb-ingress.html",
            "https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html",
        ],
    },
    Profile {
        name: "generic",
        title: "any cluster",
        storage_class: None,
        shared_class: None,
        ingress_class: None,
        gateway_class: None,
        load_balancer: true,
        entry_setup: "",
        address: "",
        load_image: "",
        registry: None,
        sources: &["https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class"],
    },
    Profile {
        name: "gke",
        title: "Google Kubernetes Engine",
        storage_class: Some("standard-rwo"),
        shared_class: Some("standard-rwx"),
        ingress_class: None,
        gateway_class: Some("gke-l7-global-external-managed"),
        load_balancer: true,
        entry_setup: "gcloud container clusters update CLUSTER --gateway-api=standard",
        address: "",
        load_image: "",
        registry: None,
        sources: &[
            "https://cloud.google.com/kubernetes-engine/docs/how-to/deploying-gateways",
            "https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes",
        ],
    },
    Profile {
        name: "k3s",
        title: "K3s",
        storage_class: Some("local-path"),
        shared_class: None,
        ingress_class: Some("traefik"),
        gateway_class: None,
        load_balancer: true,
        entry_setup: "",
        address: "kubectl get nodes -o jsonpath='{.items[0].status.addresses[0].address}'",
        load_image: "docker save IMAGE | sudo k3s ctr images import -",
        registry: None,
        sources: &[
            "https://docs.k3s.io/networking/networking-services",
            "https://docs.k3s.io/storage",
            "https://docs.k3s.io/installation/registry-mirror",
        ],
    },
    Profile {
        name: "kind",
        title: "kind",
        storage_class: Some("standard"),
        shared_class: None,
        ingress_class: None,
        gateway_class: None,
        load_balancer: false,
        entry_setup: "install an Ingress controller, as kind brings none: https://kind.sigs.k8s.io/docs/user/ingress/",
        address: "kubectl get nodes -o jsonpath='{.items[0].status.addresses[0].address}'",
        load_image: "kind load docker-image IMAGE",
        registry: Some("localhost:5001"),
        sources: &[
            "https://kind.sigs.k8s.io/docs/user/ingress/",
            "https://kind.sigs.k8s.io/docs/user/loadbalancer/",
            "https://kind.sigs.k8s.io/docs/user/local-registry/",
        ],
    },
    Profile {
        name: "minikube",
        title: "minikube",
        storage_class: Some("standard"),
        shared_class: None,
        ingress_class: Some("nginx"),
        gateway_class: None,
        load_balancer: true,
        entry_setup: "minikube addons enable ingress",
        address: "minikube ip",
        load_image: "minikube image load IMAGE",
        registry: Some("localhost:5000"),
        sources: &[
            "https://minikube.sigs.k8s.io/docs/handbook/addons/ingress-dns/",
            "https://minikube.sigs.k8s.io/docs/handbook/accessing/",
            "https://minikube.sigs.k8s.io/docs/handbook/pushing/",
        ],
    },
];

impl Default for &'static Profile {
    fn default() -> Self {
        find("generic").unwrap_or(&PROFILES[0])
    }
}

/// The kind of a name.
pub fn find(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_the_order_of_names_and_say_where_they_were_read() {
        assert!(PROFILES.is_sorted_by_key(|profile| profile.name));
        assert!(PROFILES.iter().all(|profile| !profile.sources.is_empty()));
        assert_eq!(<&Profile>::default().name, "generic");
    }
}
