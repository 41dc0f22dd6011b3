//! What values of a chart change in each kind of object but workloads.

use std::fmt::Write;

use tranship_kube::Object;
use tranship_source::yaml::{Map, Node};

use super::chart::Chart;
use super::pods::{as_template, item};
use super::references::at;
use super::tree::{Entry, Piece, Tree};
use super::values::{Shape, literal, path};
use super::write;
use crate::release::Part;

impl Chart<'_> {
    /// Puts values into an object. Gives what stands before its template and the condition under which it is there; `None`
    /// for one that is no part of the chart.
    pub(super) fn by_kind(&mut self, object: &Object, tree: &mut Tree) -> Option<(String, Option<String>)> {
        let mut when = None;
        let mut before = String::new();
        match object.kind() {
            "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" => self.workload(object, tree),
            "Job" => {
                self.workload(object, tree);
                before = self.job(object, tree);
            }
            "ConfigMap" => self.config_map(object, tree),
            "Secret" if !super::chart::holds_secret(object) => return None,
            "Secret" => when = self.secret(object, tree),
            "PersistentVolumeClaim" => when = self.persistent(object, tree),
            "Ingress" => when = self.ingress(object, tree),
            "HorizontalPodAutoscaler" => when = self.scaler(object, tree),
            "PodDisruptionBudget" => when = self.budget(object, tree),
            "ServiceAccount" => self.account(object, tree),
            "NetworkPolicy" => {
                let about = "Whether NetworkPolicies say who reaches whom";
                self.global().add("networkPolicies", true, Shape::Truth, about);
                when = Some(".Values.global.networkPolicies".to_owned());
            }
            _ => self.refer(tree),
        }
        Some((before, when))
    }

    /// The spec of a Job as a helper, since its name follows from it: the template of a Job cannot be changed.
    fn job(&self, object: &Object, tree: &mut Tree) -> String {
        let workload = object.name().rsplit_once('-').map_or(object.name(), |(workload, _)| workload);
        let spec = tree.take("spec").map(|entry| write::write(&entry.value)).unwrap_or_default();
        let name = self.name;
        let (spec_of, prefix) = (self.helper(&format!("spec.{workload}")), self.helper("prefix"));
        tree.put(Entry::new("spec", Tree::Block(spec_of.clone())));
        if let Some(metadata) = tree.at_mut(&["metadata"]) {
            metadata.put(Entry::new("name", Tree::Expression(self.helper(&format!("job.{workload}")))));
        }
        let mut out = String::new();
        _ = write!(
            out,
            "{{{{- define \"{name}.spec.{workload}\" -}}}}\n{spec}{{{{- end }}}}\n{{{{- /* A changed task is another Job. */ -}}}}\n\
             {{{{- define \"{name}.job.{workload}\" -}}}}\n{{{{ {prefix} }}}}{workload}-{{{{ {spec_of} | sha256sum | trunc 8 }}}}\n\
             {{{{- end }}}}\n"
        );
        out
    }

    /// Texts of several lines are files of the chart.
    fn config_map(&mut self, object: &Object, tree: &mut Tree) {
        let Some(Tree::Map(entries)) = tree.at_mut(&["data"]) else { return };
        for entry in entries {
            let Tree::Text(pieces) = &entry.value else { continue };
            let (text, is_template) = as_template(pieces);
            let file = format!("files/{}/{}", object.name(), entry.key);
            let taken = self.read.keys().any(|known| known.eq_ignore_ascii_case(&file));
            if !text.contains('\n') || taken || !crate::tree::is_inside(&file) {
                continue;
            }
            let get = format!(".Files.Get {}", literal(&file));
            let get = if is_template { format!("tpl ({get}) .") } else { get };
            entry.value = Tree::Expression(format!("{get} | quote"));
            self.read.insert(file, text);
        }
    }

    /// Values of a Secret lie in a file of their own.
    fn secret(&mut self, object: &Object, tree: &mut Tree) -> Option<String> {
        let home = self.homes.get(object.name())?.clone();
        let inner = if home.len() == 1 { "secret" } else { "data" };
        let home_of = |key: &str| home.iter().cloned().chain([inner.to_owned(), key.to_owned()]).collect::<Vec<_>>();
        for field in ["stringData", "data"] {
            let Some(Tree::Map(entries)) = tree.at_mut(&[field]) else { continue };
            for entry in entries {
                let Tree::Text(pieces) = &entry.value else { continue };
                let (text, is_template) = as_template(pieces);
                let steps = home_of(&entry.key);
                let keys: Vec<&str> = steps.iter().map(String::as_str).collect();
                let value = path(&keys);
                let must = !text.is_empty();
                self.hide(&steps, text.into());
                let mut group = &mut self.values;
                for step in keys.iter().take(keys.len() - 1) {
                    group = group.group(
                        step,
                        if *step == inner { "Passwords and keys: pass `-f` with `secrets/values.yaml`" } else { "" },
                    );
                }
                group.add(&entry.key, "", Shape::Word, if field == "data" { "In base64" } else { "" });
                let said = keys.join(".");
                let why =
                    literal(&format!("{said} is not set: pass -f with secrets/values.yaml, or name an existingSecret"));
                let value = if must { format!("required {why} {value}") } else { value };
                let value = if is_template { format!("tpl (toString ({value})) .") } else { value };
                entry.value = Tree::Expression(format!("{value} | quote"));
            }
        }
        Some(format!("not {}", at(&home, "existingSecret")))
    }

    fn persistent(&mut self, object: &Object, tree: &mut Tree) -> Option<String> {
        let home = self.claims.get(object.name())?.clone();
        self.claim(tree, object.get(&["spec"]), &home, false);
        let mut group = &mut self.values;
        for step in &home {
            group = group.group(step, "");
        }
        group.add("existingClaim", "", Shape::Text, "Name of a claim that is there already; then none is made");
        group.add("keep", true, Shape::Truth, "Whether the claim and what is in it stay when the chart is uninstalled");
        let keep = Entry::new("helm.sh/resource-policy", "keep".into());
        let metadata = tree.at_mut(&["metadata"])?;
        match metadata.at_mut(&["annotations"]) {
            Some(annotations @ Tree::Map(_)) => annotations.put(keep.when(at(&home, "keep"))),
            _ => metadata.put(Entry::new("annotations", Tree::Map(vec![keep])).when(at(&home, "keep"))),
        }
        Some(format!("not {}", at(&home, "existingClaim")))
    }

    fn ingress(&mut self, object: &Object, tree: &mut Tree) -> Option<String> {
        let service = self.key_of(object)?;
        let spec = object.get(&["spec"])?;
        let mut hosts: Vec<&str> = Vec::new();
        for rule in spec.items_at("rules") {
            hosts.extend(rule.get("host").and_then(Node::as_str).filter(|host| !hosts.contains(host)));
        }
        let several = hosts.len() > 1;
        let secret = spec.at(&["tls", "0", "secretName"]).and_then(Node::as_str);
        let annotations = object.get(&["metadata", "annotations"]).cloned().unwrap_or_else(|| Map::default().into());
        let class = spec.get("ingressClassName").and_then(Node::as_str).unwrap_or_default();
        let group = self.service(&service).group("ingress", "The way in from outside");
        group.add("enabled", true, Shape::Truth, "");
        group.add("className", class, Shape::Text, "The controller that serves it; empty for the cluster's default");
        group.add("annotations", annotations, Shape::Texts, "What the controller and cert-manager read");
        if several {
            let list: Vec<Node> = hosts.iter().map(|host| Node::from(*host)).collect();
            group.add("hosts", list, Shape::List, "The hosts that are asked for, in the order of the chart's rules");
        } else {
            group.add(
                "host",
                hosts.first().copied().unwrap_or_default(),
                Shape::Text,
                "The host that is asked for; empty for every host",
            );
        }
        if hosts.len() <= 1 {
            let about = "Secret with the certificate for the host; empty for none";
            let one = secret.filter(|_| self.own_tls(object));
            let group = self.service(&service).group("ingress", "");
            group.add("tlsSecret", one.unwrap_or_default(), Shape::Text, about);
        }
        let of = |key: &str| path(&[&service, "ingress", key]);
        let host_of = |at: usize| if several { format!("index {} {at}", of("hosts")) } else { of("host") };
        if let Some(metadata) = tree.at_mut(&["metadata"]) {
            metadata.take("annotations");
            metadata.put(
                Entry::new("annotations", Tree::Block(format!("toYaml {}", of("annotations")))).when(of("annotations")),
            );
        }
        let tree = tree.at_mut(&["spec"])?;
        tree.put(
            Entry::new("ingressClassName", Tree::Expression(format!("{} | quote", of("className"))))
                .when(of("className")),
        );
        if let Some(rules) = tree.at_mut(&["rules"]) {
            for (rule, own) in rules.items_mut().zip(spec.items_at("rules")) {
                let host = own.get("host").and_then(Node::as_str);
                let at = host.and_then(|host| hosts.iter().position(|known| *known == host));
                match at {
                    Some(at) => {
                        let entry = Entry::new("host", Tree::Expression(format!("{} | quote", host_of(at))));
                        rule.put(if several { entry } else { entry.when(host_of(at)) });
                    }
                    None if hosts.is_empty() => {
                        rule.put(
                            Entry::new("host", Tree::Expression(format!("{} | quote", of("host")))).when(of("host")),
                        );
                    }
                    None => {}
                }
            }
        }
        if let Some(tls) = tree.at_mut(&["tls"]) {
            for (one, own) in tls.items_mut().zip(spec.items_at("tls")) {
                let Some(list) = one.at_mut(&["hosts"]) else { continue };
                for (host, own) in list.items_mut().zip(own.items_at("hosts")) {
                    let at = own.as_str().and_then(|own| hosts.iter().position(|known| *known == own));
                    if let Some(at) = at {
                        *host = Tree::Expression(format!("{} | quote", host_of(at)));
                    }
                }
            }
        }
        if hosts.len() <= 1 && (secret.is_none() || self.own_tls(object)) {
            let name = Tree::Expression(format!("{} | quote", of("tlsSecret")));
            let hosts =
                Entry::new("hosts", Tree::List(vec![item(Tree::Expression(format!("{} | quote", of("host"))))]));
            let one = Tree::Map(vec![Entry::new("secretName", name), hosts.when(of("host"))]);
            tree.put(Entry::new("tls", Tree::List(vec![item(one)])).when(of("tlsSecret")));
        }
        self.refer(tree);
        Some(of("enabled"))
    }

    /// Whether the certificate of an Ingress is a Secret of the user's, by a name that no release changes.
    fn own_tls(&self, object: &Object) -> bool {
        let of =
            |object: &Object| object.get(&["spec", "tls", "0", "secretName"]).and_then(Node::as_str).map(str::to_owned);
        let marked = self.bundle.objects.iter().zip(&self.release.objects).find(|(own, _)| std::ptr::eq(*own, object));
        of(object).is_some() && marked.is_some_and(|(own, marked)| of(own) == of(marked))
    }

    fn budget(&mut self, object: &Object, tree: &mut Tree) -> Option<String> {
        let service = self.key_of(object)?;
        let most = object.get(&["spec", "maxUnavailable"])?.clone();
        let group =
            self.service(&service).group("disruptionBudget", "How many pods may be taken away at once on purpose");
        group.add("enabled", true, Shape::Truth, "");
        group.add("maxUnavailable", most, Shape::Number(0), "");
        let value = path(&[&service, "disruptionBudget", "maxUnavailable"]);
        *tree.at_mut(&["spec", "maxUnavailable"])? = Tree::Expression(value);
        Some(path(&[&service, "disruptionBudget", "enabled"]))
    }

    fn account(&mut self, object: &Object, tree: &mut Tree) {
        let Some(service) = self.key_of(object) else { return };
        let group = self.service(&service).group("serviceAccount", "The account of its pods");
        group.add("annotations", Map::default(), Shape::Texts, "Such as a cloud's for a role of its own");
        let value = path(&[&service, "serviceAccount", "annotations"]);
        let block = Tree::Block(format!("toYaml {value}"));
        let Some(metadata) = tree.at_mut(&["metadata"]) else { return };
        match metadata.at_mut(&["annotations"]) {
            Some(known @ Tree::Map(_)) => known.put(Entry::new("", block).when(value)),
            _ => metadata.put(Entry::new("annotations", block).when(value)),
        }
    }

    /// An autoscaler the project has.
    fn scaler(&self, object: &Object, tree: &mut Tree) -> Option<String> {
        let service = self.key_of(object)?;
        self.values.at(&[service.as_str(), "autoscaling"]).filter(|group| !group.is_empty())?;
        let of = |key: &str| path(&[&service, "autoscaling", key]);
        let spec = tree.at_mut(&["spec"])?;
        for (key, value) in [("minReplicas", "minReplicas"), ("maxReplicas", "maxReplicas")] {
            spec.put(Entry::new(key, Tree::Expression(of(value))));
        }
        for metric in spec.at_mut(&["metrics"])?.items_mut() {
            if let Some(percent) = metric.at_mut(&["resource", "target", "averageUtilization"]) {
                *percent = Tree::Expression(of("targetCPUUtilizationPercentage"));
            }
        }
        Some(of("enabled"))
    }

    /// An autoscaler for every other service that may have one; it is there once it is wanted.
    pub(super) fn autoscalers(&mut self) {
        let workloads: Vec<(String, &Object)> = self
            .bundle
            .objects
            .iter()
            .filter(|object| matches!(object.kind(), "Deployment" | "StatefulSet"))
            .filter_map(|object| Some((self.key_of(object)?, object)))
            .collect();
        for (service, object) in workloads {
            if self.bundle.objects.find("HorizontalPodAutoscaler", object.name()).is_some() {
                continue;
            }
            if self.values.at(&[service.as_str(), "autoscaling"]).is_none_or(super::values::Group::is_empty) {
                continue;
            }
            let of = |key: &str| Tree::Expression(path(&[&service, "autoscaling", key]));
            let name = Tree::Text(vec![self.say(&Part::Prefix), Piece::Words(object.name().to_owned())]);
            let map = |entries: Vec<(&str, Tree)>| {
                Tree::Map(entries.into_iter().map(|(key, value)| Entry::new(key, value)).collect())
            };
            let labels = map(vec![
                ("app.kubernetes.io/name", name.clone()),
                ("app.kubernetes.io/instance", Tree::Text(vec![self.say(&Part::Instance)])),
                ("app.kubernetes.io/managed-by", Tree::Expression(".Release.Service".to_owned())),
            ]);
            let metadata = map(vec![
                ("name", name.clone()),
                ("namespace", Tree::Text(vec![self.say(&Part::Namespace)])),
                ("labels", labels),
            ]);
            let target = map(vec![("apiVersion", "apps/v1".into()), ("kind", object.kind().into()), ("name", name)]);
            let use_of =
                map(vec![("type", "Utilization".into()), ("averageUtilization", of("targetCPUUtilizationPercentage"))]);
            let resource = map(vec![("name", "cpu".into()), ("target", use_of)]);
            let metric = map(vec![("type", "Resource".into()), ("resource", resource)]);
            let spec = map(vec![
                ("scaleTargetRef", target),
                ("minReplicas", of("minReplicas")),
                ("maxReplicas", of("maxReplicas")),
                ("metrics", Tree::List(vec![item(metric)])),
            ]);
            let tree = map(vec![
                ("apiVersion", "autoscaling/v2".into()),
                ("kind", "HorizontalPodAutoscaler".into()),
                ("metadata", metadata),
                ("spec", spec),
            ]);
            let when = path(&[&service, "autoscaling", "enabled"]);
            self.add("hpa.yaml".to_owned(), "", &write::write(&tree), Some(&when));
        }
    }
}
