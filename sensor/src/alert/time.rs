//! Time as alerts write it.

/// Nanoseconds since 1970 as RFC 3339 in UTC, with nine digits.
pub(crate) fn rfc3339(time: u64) -> String {
    let nanoseconds = i128::from(time);
    match jiff::Timestamp::from_nanosecond(nanoseconds) {
        Ok(timestamp) => format!("{timestamp:.9}"),
        Err(_) => String::from("1970-01-01T00:00:00.000000000Z"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_utc_with_nanoseconds() {
        assert_eq!(rfc3339(1_700_000_000_123_456_789), "2023-11-14T22:13:20.123456789Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000000000Z");
    }
}
