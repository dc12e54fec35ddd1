//! Fields of DNS messages.

super::rows! {
    "vigie.dns.type": Text, None, "What a message of DNS is: `query` or `answer`.";
    "vigie.dns.id": Number, None, "Number by which an answer finds its question.";
    "vigie.dns.question.name": Text, None, "Name asked for, in lower case and without the last dot.";
    "vigie.dns.question.type": Text, None, "Type of records asked for, such as `A` or `TXT`.";
    "vigie.dns.question.class": Text, None, "Class of records asked for, usually `IN`.";
    "vigie.dns.response_code": Text, None, "How the server fared, such as `NOERROR` or `NXDOMAIN`.";
    "vigie.dns.answers": [Text], None, "Addresses and names answered, in order; of other records the type. The first 512 bytes of a message are read.";
}
