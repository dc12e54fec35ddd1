//! Fields of the pod that the container belongs to, and of what the pod belongs to.

super::rows! {
    "k8s.pod.name": Text, None, "Name of the pod.";
    "k8s.pod.id": Text, None, "First 12 digits of the id of the pod's sandbox, an old name of `k8s.pod.sandbox_id`.";
    "k8s.pod.uid": Text, None, "Unique id of the pod.";
    "k8s.pod.sandbox_id": Text, None, "First 12 digits of the id of the pod's sandbox.";
    "k8s.pod.full_sandbox_id": Text, None, "The whole id of the pod's sandbox.";
    "k8s.pod.label": Text, RequiredKey, "Value of the pod's label of this name.";
    "k8s.pod.labels": Text, None, "All labels of the pod, as key:value, separated by commas.";
    "k8s.pod.ip": Text, None, "Address of the pod.";
    "k8s.pod.cni.json": Text, None, "Result of the pod's network plugin, as JSON.";
    "k8s.ns.name": Text, None, "Name of the pod's namespace.";
    "k8s.ns.id": Text, None, "Id of the pod's namespace.", DEPRECATED;
    "k8s.ns.label": Text, RequiredKey, "Value of the namespace's label of this name.", DEPRECATED;
    "k8s.ns.labels": Text, None, "All labels of the namespace.", DEPRECATED;
    "k8s.rc.name": Text, None, "Name of the replication controller.", DEPRECATED;
    "k8s.rc.id": Text, None, "Id of the replication controller.", DEPRECATED;
    "k8s.rc.label": Text, RequiredKey, "Value of the replication controller's label of this name.", DEPRECATED;
    "k8s.rc.labels": Text, None, "All labels of the replication controller.", DEPRECATED;
    "k8s.svc.name": Text, None, "Name of the service.", DEPRECATED;
    "k8s.svc.id": Text, None, "Id of the service.", DEPRECATED;
    "k8s.svc.label": Text, RequiredKey, "Value of the service's label of this name.", DEPRECATED;
    "k8s.svc.labels": Text, None, "All labels of the service.", DEPRECATED;
    "k8s.rs.name": Text, None, "Name of the replica set.", DEPRECATED;
    "k8s.rs.id": Text, None, "Id of the replica set.", DEPRECATED;
    "k8s.rs.label": Text, RequiredKey, "Value of the replica set's label of this name.", DEPRECATED;
    "k8s.rs.labels": Text, None, "All labels of the replica set.", DEPRECATED;
    "k8s.deployment.name": Text, None, "Name of the deployment.", DEPRECATED;
    "k8s.deployment.id": Text, None, "Id of the deployment.", DEPRECATED;
    "k8s.deployment.label": Text, RequiredKey, "Value of the deployment's label of this name.", DEPRECATED;
    "k8s.deployment.labels": Text, None, "All labels of the deployment.", DEPRECATED;
}
