//! The parts of an image reference, split where Docker splits them.

/// `registry:port/path:tag@digest` in parts; absent ones are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Registry and path, as written: nothing is added to a short name.
    pub repository: &'a str,
    /// Tag; `latest` where neither tag nor digest was written.
    pub tag: &'a str,
    /// `algorithm:hex`.
    pub digest: &'a str,
}

impl<'a> Reference<'a> {
    /// Splits a reference. A colon starts the tag only behind the last slash: before it, a port.
    pub fn parse(text: &'a str) -> Self {
        let (name, digest) = text.split_once('@').unwrap_or((text, ""));
        let path_start = name.rfind('/').map_or(0, |slash| slash + 1);
        let colon = name.get(path_start..).and_then(|path| path.find(':')).map(|colon| path_start + colon);
        let (repository, tag) = match colon.and_then(|colon| name.split_at_checked(colon)) {
            Some((repository, tag)) => (repository, tag.trim_start_matches(':')),
            None => (name, ""),
        };
        let tag = if tag.is_empty() && digest.is_empty() && !name.is_empty() { "latest" } else { tag };
        Self { repository, tag, digest }
    }
}

/// Whether `text`, given to create a container, names the image by its id or the start of it. `image_id` is
/// the id the engine reports (`sha256:<64 hex>`). A repository may be called `cafe`, so a tag of that name
/// (among `tags`) wins, as it does for Docker.
pub fn names_by_id(text: &str, image_id: &str, tags: &[String]) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let id = image_id.strip_prefix("sha256:").unwrap_or(image_id);
    let is_start = !digits.is_empty() && id.starts_with(digits);
    is_start && !tags.iter().any(|tag| Reference::parse(tag).repository == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn splits(text: &str, repository: &str, tag: &str, digest: &str) {
        assert_eq!(Reference::parse(text), Reference { repository, tag, digest }, "{text}");
    }

    #[test]
    fn references_split_as_docker_splits_them() {
        splits("busybox", "busybox", "latest", "");
        splits("busybox:1.36", "busybox", "1.36", "");
        splits("library/busybox", "library/busybox", "latest", "");
        splits("localhost:5000/busybox", "localhost:5000/busybox", "latest", "");
        splits("localhost:5000/team/busybox:1", "localhost:5000/team/busybox", "1", "");
        splits("r.example/a@sha256:ab", "r.example/a", "", "sha256:ab");
        splits("r.example:443/a:2@sha256:ab", "r.example:443/a", "2", "sha256:ab");
        splits("", "", "", "");
    }

    #[test]
    fn odd_references_lose_nothing_and_do_not_panic() {
        splits("a:", "a", "latest", "");
        splits("/", "/", "latest", "");
        splits("é:ü", "é", "ü", "");
        splits("@", "", "", "");
    }

    #[test]
    fn an_id_is_told_from_a_repository_of_that_name() {
        let id = "sha256:cafe0123";
        assert!(names_by_id("cafe", id, &[]));
        assert!(names_by_id("sha256:cafe0123", id, &["box:1".to_owned()]));
        assert!(!names_by_id("cafe", id, &["cafe:latest".to_owned()]));
        assert!(!names_by_id("box:1", id, &[]));
        assert!(!names_by_id("", id, &[]));
    }
}
