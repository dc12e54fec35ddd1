//! Names of images: Docker says the one that was asked for, Podman the image's own in full.

/// Where Podman looks for an image whose name has no registry, besides those of its configuration: what another
/// registry calls so is another image.
const REGISTRIES: [&str; 3] = ["localhost/", "docker.io/library/", "docker.io/"];
/// The fewest digits of an id that are taken for one; it is how many are shown.
const SHORT_ID: usize = 12;

/// Whether the image `found`, whose id is `id`, is the one that was asked for.
pub(super) fn is_same(asked: &str, found: &str, id: &str) -> bool {
    asked == found || is_id(asked, id) || is_in_full(asked, found)
}

/// Whether what was asked for is an image's id, or the beginning of it.
fn is_id(asked: &str, id: &str) -> bool {
    let digits = |text: &str| text.strip_prefix("sha256:").unwrap_or(text).to_owned();
    let (asked, id) = (digits(asked), digits(id));
    asked.len() >= SHORT_ID && asked.bytes().all(|byte| byte.is_ascii_hexdigit()) && id.starts_with(&asked)
}

/// Whether one name is the other, with registry and tag.
fn is_in_full(asked: &str, found: &str) -> bool {
    let (asked, found) = (Name::of(asked), Name::of(found));
    // Of an image that was asked for by digest a tag is told, which says nothing about it.
    let is_version = if asked.digest.is_some() {
        found.digest.is_none() || found.digest == asked.digest
    } else {
        found.digest.is_none() && found.tag.unwrap_or(LATEST) == asked.tag.unwrap_or(LATEST)
    };
    is_version && asked.is_repository(found.repository)
}

/// The tag of a name that says none.
const LATEST: &str = "latest";

/// `repository[:tag][@digest]`.
struct Name<'t> {
    repository: &'t str,
    tag: Option<&'t str>,
    digest: Option<&'t str>,
}

impl<'t> Name<'t> {
    fn of(text: &'t str) -> Self {
        let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
        // A colon before a slash is that of a registry's port.
        let tagged = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
        let (repository, tag) = tagged.map_or((name, None), |(repository, tag)| (repository, Some(tag)));
        Self { repository, tag, digest }
    }

    /// Whether this repository, in full, is the name's.
    fn is_repository(&self, full: &str) -> bool {
        let asked = self.repository;
        let of_library = asked.strip_prefix("docker.io/").filter(|name| !name.contains('/'));
        full == asked
            || of_library.is_some_and(|name| full.strip_prefix("docker.io/library/") == Some(name))
            || !self.has_registry()
                && REGISTRIES.iter().any(|registry| full.strip_prefix(registry) == Some(asked))
    }

    /// Whether the first part is a host's name.
    fn has_registry(&self) -> bool {
        let host = self.repository.split_once('/').map(|(host, _)| host);
        host.is_some_and(|host| host == "localhost" || host.contains(['.', ':']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "sha256:9e8ea1f77c0af107343dc7f63b7a03c4c4439a36aa54043899d3887fa1efe7eb";

    #[test]
    fn a_name_in_full_is_the_same_image() {
        for (asked, found) in [
            ("box", "docker.io/library/box:latest"),
            ("box", "localhost/box:latest"),
            ("box:latest", "docker.io/library/box:latest"),
            ("box:1", "localhost/box:1"),
            ("library/box", "docker.io/library/box:latest"),
            ("docker.io/box", "docker.io/library/box:latest"),
            ("docker.io/library/box", "docker.io/library/box:latest"),
            ("team/box:1", "docker.io/team/box:1"),
            ("localhost/box", "localhost/box:latest"),
            ("registry.test:5000/box", "registry.test:5000/box:latest"),
            ("registry.test:5000/team/box:1", "registry.test:5000/team/box:1"),
            ("box@sha256:aa", "docker.io/library/box:latest"),
            ("box:1@sha256:aa", "docker.io/library/box:2"),
            ("box@sha256:aa", "docker.io/library/box@sha256:aa"),
            ("9e8ea1f77c0a", "docker.io/library/box:latest"),
            (ID, "docker.io/library/box:latest"),
            ("anything", "anything"),
        ] {
            assert!(is_same(asked, found, ID), "{asked} and {found}");
        }
    }

    #[test]
    fn another_repository_tag_digest_or_id_is_another_image() {
        for (asked, found) in [
            ("box", "docker.io/library/box:1"),
            ("box:1", "docker.io/library/box:latest"),
            ("box", "docker.io/library/boxes:latest"),
            ("box", "docker.io/other/box:latest"),
            ("box", "registry.test/box:latest"),
            ("box", "registry.test/library/box:latest"),
            ("team/box", "registry.test:5000/team/box:latest"),
            ("team/box", "docker.io/library/team/box:1"),
            ("localhost/box", "docker.io/library/box:latest"),
            ("localhost/box", "localhost/localhost/box:latest"),
            ("docker.io/box", "localhost/box:latest"),
            ("registry.test/box", "docker.io/registry.test/box:latest"),
            ("registry.test:5000/box", "registry.test:5001/box:latest"),
            ("box@sha256:aa", "docker.io/library/box@sha256:ab"),
            ("box@sha256:aa", "docker.io/library/boxes:latest"),
            ("box:1", "docker.io/library/box@sha256:aa"),
            ("box", ""),
            ("9e8ea1f77c0", "docker.io/library/box:latest"),
            ("9e8ea1f77c0b", "docker.io/library/box:latest"),
            ("sha256:", "docker.io/library/box:latest"),
        ] {
            assert!(!is_same(asked, found, ID), "{asked} and {found}");
        }
    }
}
