//! Where a runtime puts a container: the cgroups that a true claim may name.

/// An absolute path without empty components or a slash at its end. Runtimes join parents to the root, so a
/// relative one is one below the root; `..` we do not follow.
pub fn normalized(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return None;
    }
    Some(parts.iter().flat_map(|part| ["/", part]).collect())
}

/// Where systemd puts a slice: `a-b.slice` lies in `a.slice`. The root slice is `-.slice`.
pub fn slice_path(slice: &str) -> Option<String> {
    let name = slice.strip_suffix(".slice").filter(|name| !name.contains('/'))?;
    if name == "-" {
        return Some(String::new());
    }
    let mut path = String::new();
    let mut prefix = String::new();
    for part in name.split('-') {
        if part.is_empty() {
            return None;
        }
        prefix.push_str(part);
        path.push('/');
        path.push_str(&prefix);
        path.push_str(".slice");
        prefix.push('-');
    }
    Some(path)
}

/// Of the cgroups that a container may be in, those that its init process confirms by being in one of them or
/// further inside, as where it manages cgroups itself (systemd). Without a living init process all stand.
pub fn confirmed(mut cgroups: Vec<Vec<u8>>, init: Option<&[u8]>) -> Vec<Vec<u8>> {
    if let Some(init) = init {
        cgroups.retain(|cgroup| is_within(init, cgroup));
    }
    cgroups
}

/// Whether `path` is `cgroup` or inside of it.
pub fn is_within(path: &[u8], cgroup: &[u8]) -> bool {
    path.strip_prefix(cgroup).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_lie_in_those_they_are_named_after() {
        assert_eq!(slice_path("a-b.slice").as_deref(), Some("/a.slice/a-b.slice"));
        assert_eq!(slice_path("-.slice").as_deref(), Some(""));
        for odd in ["a", "a/b.slice", "a--b.slice"] {
            assert_eq!(slice_path(odd), None, "{odd}");
        }
        assert_eq!(normalized("a//b/./c/").as_deref(), Some("/a/b/c"));
        assert_eq!(normalized("/a/../b"), None);
    }

    #[test]
    fn a_cgroup_beside_is_not_within() {
        let places = vec![b"/a/b".to_vec(), b"/a".to_vec(), b"/c".to_vec()];
        assert_eq!(confirmed(places.clone(), Some(b"/a/b/init.scope")), places[..2]);
        assert!(confirmed(places.clone(), Some(b"/a-b")).is_empty());
        assert_eq!(confirmed(places.clone(), None), places);
    }
}
