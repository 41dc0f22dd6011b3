//! Fields that take one of a few values. The schemas do not say so; the server's validation does.
//!
//! The values are those of the API's documented constants. `Value@34` came with Kubernetes 1.34.

use crate::KubeVersion;

/// The values of a field, separated by spaces, by the short name of the definition that has the field.
pub fn values(definition: &str, field: &str) -> Option<&'static str> {
    let place = ENUMS.binary_search_by(|(d, f, _)| (*d, *f).cmp(&(definition, field))).ok()?;
    ENUMS.get(place).map(|(.., values)| *values)
}

/// The values a version has, out of those of a field.
pub fn allowed(values: &'static str, version: KubeVersion) -> impl Iterator<Item = &'static str> {
    values.split(' ').filter_map(move |value| match value.split_once('@') {
        None => Some(value),
        Some((value, since)) => since.parse().is_ok_and(|since: u8| version.minor() >= since).then_some(value),
    })
}

/// Definition, field and values, sorted by the first two.
#[rustfmt::skip]
static ENUMS: &[(&str, &str, &str)] = &[
    ("admissionregistration.v1.MutatingWebhook", "failurePolicy", "Fail Ignore"),
    ("admissionregistration.v1.MutatingWebhook", "matchPolicy", "Equivalent Exact"),
    ("admissionregistration.v1.MutatingWebhook", "reinvocationPolicy", "IfNeeded Never"),
    ("admissionregistration.v1.MutatingWebhook", "sideEffects", "None NoneOnDryRun Some Unknown"),
    ("admissionregistration.v1.ValidatingWebhook", "failurePolicy", "Fail Ignore"),
    ("admissionregistration.v1.ValidatingWebhook", "matchPolicy", "Equivalent Exact"),
    ("admissionregistration.v1.ValidatingWebhook", "sideEffects", "None NoneOnDryRun Some Unknown"),
    ("apps.v1.DaemonSetUpdateStrategy", "type", "OnDelete RollingUpdate"),
    ("apps.v1.DeploymentStrategy", "type", "Recreate RollingUpdate"),
    ("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted", "Delete Retain"),
    ("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled", "Delete Retain"),
    ("apps.v1.StatefulSetSpec", "podManagementPolicy", "OrderedReady Parallel"),
    ("apps.v1.StatefulSetUpdateStrategy", "type", "OnDelete RollingUpdate"),
    ("autoscaling.v2.HPAScalingPolicy", "type", "Percent Pods"),
    ("autoscaling.v2.HPAScalingRules", "selectPolicy", "Disabled Max Min"),
    ("autoscaling.v2.MetricSpec", "type", "ContainerResource External Object Pods Resource"),
    ("autoscaling.v2.MetricTarget", "type", "AverageValue Utilization Value"),
    ("batch.v1.CronJobSpec", "concurrencyPolicy", "Allow Forbid Replace"),
    ("batch.v1.JobSpec", "completionMode", "Indexed NonIndexed"),
    ("batch.v1.JobSpec", "podReplacementPolicy", "Failed TerminatingOrFailed"),
    ("batch.v1.PodFailurePolicyOnExitCodesRequirement", "operator", "In NotIn"),
    ("batch.v1.PodFailurePolicyRule", "action", "Count FailIndex FailJob Ignore"),
    ("core.v1.AppArmorProfile", "type", "Localhost RuntimeDefault Unconfined"),
    ("core.v1.Container", "imagePullPolicy", "Always IfNotPresent Never"),
    ("core.v1.Container", "terminationMessagePolicy", "FallbackToLogsOnError File"),
    ("core.v1.ContainerPort", "protocol", "SCTP TCP UDP"),
    ("core.v1.ContainerResizePolicy", "restartPolicy", "NotRequired RestartContainer"),
    ("core.v1.EndpointPort", "protocol", "SCTP TCP UDP"),
    ("core.v1.EphemeralContainer", "imagePullPolicy", "Always IfNotPresent Never"),
    ("core.v1.EphemeralContainer", "terminationMessagePolicy", "FallbackToLogsOnError File"),
    ("core.v1.HTTPGetAction", "scheme", "HTTP HTTPS"),
    ("core.v1.HostPathVolumeSource", "type", "BlockDevice CharDevice Directory DirectoryOrCreate File FileOrCreate Socket"),
    ("core.v1.ImageVolumeSource", "pullPolicy", "Always IfNotPresent Never"),
    ("core.v1.NodeSelectorRequirement", "operator", "DoesNotExist Exists Gt In Lt NotIn"),
    ("core.v1.PersistentVolumeClaimSpec", "accessModes", "ReadOnlyMany ReadWriteMany ReadWriteOnce ReadWriteOncePod"),
    ("core.v1.PersistentVolumeClaimSpec", "volumeMode", "Block Filesystem"),
    ("core.v1.PersistentVolumeSpec", "accessModes", "ReadOnlyMany ReadWriteMany ReadWriteOnce ReadWriteOncePod"),
    ("core.v1.PersistentVolumeSpec", "persistentVolumeReclaimPolicy", "Delete Recycle Retain"),
    ("core.v1.PersistentVolumeSpec", "volumeMode", "Block Filesystem"),
    ("core.v1.PodOS", "name", "linux windows"),
    ("core.v1.PodSecurityContext", "fsGroupChangePolicy", "Always OnRootMismatch"),
    ("core.v1.PodSecurityContext", "supplementalGroupsPolicy", "Merge Strict"),
    ("core.v1.PodSpec", "dnsPolicy", "ClusterFirst ClusterFirstWithHostNet Default None"),
    ("core.v1.PodSpec", "preemptionPolicy", "Never PreemptLowerPriority"),
    ("core.v1.PodSpec", "restartPolicy", "Always Never OnFailure"),
    ("core.v1.ResourceQuotaSpec", "scopes", "BestEffort CrossNamespacePodAffinity NotBestEffort NotTerminating PriorityClass Terminating VolumeAttributesClass@34"),
    ("core.v1.SeccompProfile", "type", "Localhost RuntimeDefault Unconfined"),
    ("core.v1.SecurityContext", "procMount", "Default Unmasked"),
    ("core.v1.ServicePort", "protocol", "SCTP TCP UDP"),
    ("core.v1.ServiceSpec", "externalTrafficPolicy", "Cluster Local"),
    ("core.v1.ServiceSpec", "internalTrafficPolicy", "Cluster Local"),
    ("core.v1.ServiceSpec", "ipFamilies", "IPv4 IPv6"),
    ("core.v1.ServiceSpec", "ipFamilyPolicy", "PreferDualStack RequireDualStack SingleStack"),
    ("core.v1.ServiceSpec", "sessionAffinity", "ClientIP None"),
    ("core.v1.ServiceSpec", "trafficDistribution", "PreferClose PreferSameNode@34 PreferSameZone@34"),
    ("core.v1.ServiceSpec", "type", "ClusterIP ExternalName LoadBalancer NodePort"),
    ("core.v1.Taint", "effect", "NoExecute NoSchedule PreferNoSchedule"),
    ("core.v1.Toleration", "effect", "NoExecute NoSchedule PreferNoSchedule"),
    ("core.v1.Toleration", "operator", "Equal Exists"),
    ("core.v1.TopologySpreadConstraint", "nodeAffinityPolicy", "Honor Ignore"),
    ("core.v1.TopologySpreadConstraint", "nodeTaintsPolicy", "Honor Ignore"),
    ("core.v1.TopologySpreadConstraint", "whenUnsatisfiable", "DoNotSchedule ScheduleAnyway"),
    ("core.v1.VolumeMount", "mountPropagation", "Bidirectional HostToContainer None"),
    ("core.v1.VolumeMount", "recursiveReadOnly", "Disabled Enabled IfPossible"),
    ("discovery.v1.EndpointPort", "protocol", "SCTP TCP UDP"),
    ("discovery.v1.EndpointSlice", "addressType", "FQDN IPv4 IPv6"),
    ("meta.v1.LabelSelectorRequirement", "operator", "DoesNotExist Exists In NotIn"),
    ("networking.v1.HTTPIngressPath", "pathType", "Exact ImplementationSpecific Prefix"),
    ("networking.v1.NetworkPolicyPort", "protocol", "SCTP TCP UDP"),
    ("networking.v1.NetworkPolicySpec", "policyTypes", "Egress Ingress"),
    ("policy.v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy", "AlwaysAllow IfHealthyBudget"),
    ("rbac.v1.RoleRef", "kind", "ClusterRole Role"),
    ("rbac.v1.Subject", "kind", "Group ServiceAccount User"),
    ("scheduling.v1.PriorityClass", "preemptionPolicy", "Never PreemptLowerPriority"),
    ("storage.v1.StorageClass", "reclaimPolicy", "Delete Recycle Retain"),
    ("storage.v1.StorageClass", "volumeBindingMode", "Immediate WaitForFirstConsumer"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::pack::{Schema, find, pack};

    #[test]
    fn the_table_is_sorted_and_every_field_of_it_exists() {
        assert!(ENUMS.is_sorted_by_key(|(definition, field, _)| (*definition, *field)));
        let pack = pack();
        for (definition, field, _) in ENUMS {
            let place = pack.place(definition).unwrap_or_else(|| panic!("{definition} is no definition"));
            let schema = pack.schema(place, KubeVersion::default());
            assert!(matches!(schema, Schema::Fields(fields) if find(fields, field).is_some()), "{definition} {field}");
        }
    }

    #[test]
    fn newer_values_wait_for_their_version() {
        let traffic = values("core.v1.ServiceSpec", "trafficDistribution").unwrap();
        assert_eq!(allowed(traffic, KubeVersion::OLDEST).collect::<Vec<_>>(), ["PreferClose"]);
        assert_eq!(allowed(traffic, KubeVersion::NEWEST).count(), 3);
    }
}
