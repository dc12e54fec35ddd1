//! What is asked for.

use serde_json::json;

/// The image that containers are made of; nothing is in it.
const IMAGE: &str = "vigie-bench";
/// Bytes of the value of one label.
const LABEL: usize = 1000;
/// Bytes of a label besides its value: its name, quotes, colon and comma.
const AROUND: usize = 15;
/// Two blocks of zeros: an archive without a file.
const EMPTY_ARCHIVE: usize = 1024;

/// The path that makes the image of a body.
pub(super) fn import() -> String {
    format!("/images/create?fromSrc=-&repo={IMAGE}&tag=latest")
}

/// The image.
pub(super) fn image() -> Vec<u8> {
    vec![0; EMPTY_ARCHIVE]
}

/// A container with so many labels that the body is of this size.
pub(super) fn container(size: usize) -> Vec<u8> {
    padded(size, false)
}

/// The same, that the default policy denies.
pub(super) fn denied(size: usize) -> Vec<u8> {
    padded(size, true)
}

fn padded(size: usize, privileged: bool) -> Vec<u8> {
    let mut labels = serde_json::Map::new();
    let mut missing = size.saturating_sub(body(&labels, privileged).len());
    while missing > 0 {
        let name = format!("label{:04}", labels.len());
        let value = "x".repeat(missing.saturating_sub(AROUND).clamp(1, LABEL));
        missing = missing.saturating_sub(AROUND.saturating_add(value.len()));
        labels.insert(name, json!(value));
    }
    body(&labels, privileged)
}

fn body(labels: &serde_json::Map<String, serde_json::Value>, privileged: bool) -> Vec<u8> {
    let mut host = json!({ "NetworkMode": "none" });
    if privileged && let Some(host) = host.as_object_mut() {
        host.insert("Privileged".to_owned(), json!(true));
    }
    json!({ "Image": IMAGE, "Cmd": ["true"], "Env": ["A=1"], "Labels": labels, "HostConfig": host })
        .to_string()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_about_as_long_as_they_are_called() {
        for size in [1 << 10, 1 << 16] {
            for body in [container(size), denied(size)] {
                assert!((size - 1..size + 20).contains(&body.len()), "{size}: {}", body.len());
                serde_json::from_slice::<serde_json::Value>(&body).unwrap();
            }
        }
    }
}
