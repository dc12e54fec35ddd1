//! Paths with variables.

/// What the variable of a pattern stands for in a path: nothing, if the pattern has none; `None` if it does not match.
///
/// `{id}` stands for one part. `{name...}` stands for one or more, because names of images have slashes. Neither is
/// ever empty, and the whole path has to match.
pub(super) fn variable(pattern: &str, segments: &[String]) -> Option<String> {
    let mut segments = segments.iter();
    let mut found = Vec::new();
    let parts: Vec<&str> = pattern.split('/').skip(1).collect();
    for (index, part) in parts.iter().enumerate() {
        let is_variable = part.starts_with('{');
        let taken =
            if part.ends_with("...}") { segments.len().checked_sub(parts.len() - index - 1)? } else { 1 };
        if taken == 0 {
            return None;
        }
        for _ in 0..taken {
            let segment = segments.next()?;
            match is_variable {
                true if segment.is_empty() => return None,
                // Of two variables the first names the target.
                true if found.len() < taken || part.ends_with("...}") => found.push(segment.as_str()),
                true => {}
                false if segment == part => {}
                false => return None,
            }
        }
    }
    segments.next().is_none().then(|| found.join("/"))
}

#[cfg(test)]
mod tests {
    fn variable(pattern: &str, path: &str) -> Option<String> {
        let segments: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
        super::variable(pattern, &segments)
    }

    #[test]
    fn a_pattern_covers_the_whole_path() {
        assert_eq!(variable("/info", "/info").as_deref(), Some(""));
        assert_eq!(variable("/containers/{id}/json", "/containers/a/json").as_deref(), Some("a"));
        assert_eq!(variable("/containers/{id}", "/containers/a").as_deref(), Some("a"));
        assert_eq!(variable("/c/{id}/checkpoints/{checkpoint}", "/c/a/checkpoints/b").as_deref(), Some("a"));
        for path in [
            "/containers/a/json/",
            "/containers/a/json/b",
            "/containers/a",
            "/containers//json",
            "/containers/a/b/json",
            "/Containers/a/json",
            "/x/containers/a/json",
        ] {
            assert_eq!(variable("/containers/{id}/json", path), None, "{path}");
        }
        assert_eq!(variable("/info", "/"), None);
        assert_eq!(super::variable("/info", &[]), None);
    }

    #[test]
    fn names_of_images_have_slashes() {
        let pattern = "/images/{name...}/json";
        for (path, name) in [
            ("/images/a/json", "a"),
            ("/images/r.io:5000/a/b:1/json", "r.io:5000/a/b:1"),
            ("/images/json/json", "json"),
        ] {
            assert_eq!(variable(pattern, path).as_deref(), Some(name), "{path}");
        }
        for path in ["/images/json", "/images//json", "/images/a", "/images/a/json/x", "/images/a//json"] {
            assert_eq!(variable(pattern, path), None, "{path}");
        }
        assert_eq!(variable("/images/{name...}", "/images/a/b").as_deref(), Some("a/b"));
        assert_eq!(variable("/images/{name...}", "/images"), None);
    }
}
