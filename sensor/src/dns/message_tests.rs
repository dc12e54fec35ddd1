use super::*;

/// A message by hand: header, one question for `www.Example.org` of type A, then records.
fn message(flags: u16, answers: u16, records: &[&[u8]]) -> Vec<u8> {
    let words: Vec<u8> =
        [0x1234, flags, 1, answers, 0, 0].iter().flat_map(|word: &u16| word.to_be_bytes()).collect();
    let question = b"\x03www\x07Example\x03org\0\0\x01\0\x01";
    [&words, &question[..], &records.concat()].concat()
}

/// A record of a name at offset 12, class IN, TTL 60.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut record = b"\xc0\x0c".to_vec();
    record.extend(kind.to_be_bytes());
    record.extend(b"\0\x01\0\0\0\x3c");
    record.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    record.extend(data);
    record
}

#[test]
fn a_question_is_read() {
    let message = Message::parse(&message(0x0100, 0, &[])).unwrap();
    assert_eq!((message.id, message.is_answer, message.code), (0x1234, false, 0));
    assert_eq!((&*message.question, message.kind, message.class), (&b"www.example.org"[..], 1, 1));
    assert!(message.answers.is_empty());
}

#[test]
fn answers_are_read_through_compressed_names() {
    let records = [
        record(5, b"\x05alias\xc0\x10"),
        record(1, &[192, 0, 2, 7]),
        record(28, &Ipv6Addr::LOCALHOST.octets()),
        record(16, b"\x01x"),
    ];
    let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    let message = Message::parse(&message(0x8180, 4, &records)).unwrap();
    assert!(message.is_answer);
    let data: Vec<_> = message.answers.iter().map(|answer| answer.data.clone()).collect();
    assert_eq!(
        data,
        [
            Data::Name(b"alias.example.org"[..].into()),
            Data::Address(Ipv4Addr::new(192, 0, 2, 7).into()),
            Data::Address(Ipv6Addr::LOCALHOST.into()),
            Data::Other(16),
        ]
    );
    let addresses: Vec<_> = message.addresses().collect();
    assert_eq!(addresses, [(Ipv4Addr::new(192, 0, 2, 7).into(), 60), (Ipv6Addr::LOCALHOST.into(), 60)]);
}

#[test]
fn of_a_message_cut_short_the_whole_answers_are_kept() {
    let (first, second) = (record(1, &[192, 0, 2, 7]), record(1, &[192, 0, 2, 8]));
    let whole = message(0x8180, 2, &[&first, &second]);
    let cut = Message::parse(&whole[..whole.len() - 1]).unwrap();
    assert_eq!(cut.answers.len(), 1);
}

#[test]
fn a_refusal_has_its_code() {
    assert_eq!(Message::parse(&message(0x8183, 0, &[])).unwrap().code, 3);
}

#[test]
fn names_that_loop_point_ahead_or_are_too_long_are_refused() {
    let header = &message(0x0100, 0, &[])[..HEADER];
    let parse = |name: &[u8]| Message::parse(&[header, name, b"\0\x01\0\x01"].concat());
    assert_eq!(parse(b"\xc0\x0c"), Err(MessageError::Name), "onto itself");
    assert_eq!(parse(b"\x01a\xc0\x0c"), parse(b"\x01a\xc0\x0c"));
    assert!(parse(b"\x01a\xc0\x0c").is_err(), "round and round");
    assert_eq!(parse(b"\xc0\x20"), Err(MessageError::Name), "ahead");
    assert_eq!(parse(b"\x40a\0"), Err(MessageError::Name), "a label of a kind that does not exist");
    let label = [&[63][..], &[b'a'; 63]].concat();
    assert_eq!(parse(&[&label.repeat(5)[..], b"\0"].concat()), Err(MessageError::Name), "too long");
    assert_eq!(parse(b"\0").map(|message| message.question), Ok(b"."[..].into()), "the root");
}

#[test]
fn garbage_is_refused_and_never_panics() {
    assert_eq!(Message::parse(b""), Err(MessageError::Short));
    assert_eq!(Message::parse(&[0; 12]), Err(MessageError::Questions(0)));
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let valid = message(0x8180, 2, &[&record(5, b"\x05alias\xc0\x10"), &record(1, &[192, 0, 2, 7])]);
    let mut read = 0;
    for _ in 0..200_000 {
        let mut bytes = valid.clone();
        for _ in 0..random() % 8 {
            let at = usize::try_from(random()).unwrap() % bytes.len();
            bytes[at] = random().to_le_bytes()[0];
        }
        bytes.truncate(usize::try_from(random()).unwrap() % (bytes.len() + 1));
        if let Ok(message) = Message::parse(&bytes) {
            read += 1;
            assert!(message.question.len() <= MAX_NAME && message.answers.len() <= MAX_ANSWERS);
        }
    }
    assert!(read > 1000, "the mutations leave some of them readable: {read}");
}

#[test]
fn types_and_classes_have_names() {
    assert_eq!(["A".to_owned(), "AAAA".to_owned()], [type_name(1), type_name(28)]);
    assert_eq!(
        (type_name(999), class_name(1), class_name(7)),
        ("TYPE999".into(), "IN".into(), "CLASS7".into())
    );
}
