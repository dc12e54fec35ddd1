//! containerd's events, of every namespace.

use jiff::Timestamp;
use prost::Message;

use super::facts::DOCKERS;
use super::model::{Envelope, Subject, SubscribeRequest, TaskExit};
use crate::identity::facts::{Happening, What};
use crate::identity::grpc::{GrpcError, Socket, Subscription};
use crate::identity::source::Source;

const SUBSCRIBE: &str = "/containerd.services.events.v1.Events/Subscribe";

/// The events that tell of a container's life.
const TOPICS: [&str; 4] = ["/containers/create", "/tasks/start", "/tasks/exit", "/containers/delete"];

/// Opens the stream.
pub async fn open(socket: &Socket) -> Result<Subscription<Envelope>, GrpcError> {
    let filters = TOPICS.iter().map(|topic| format!("topic==\"{topic}\"")).collect();
    socket.subscribe(SUBSCRIBE, SubscribeRequest { filters }).await
}

/// What an event tells: an error if it cannot be read, `None` if that is nothing to us.
pub fn happening(envelope: &Envelope) -> Result<Option<Happening>, prost::DecodeError> {
    if DOCKERS.contains(&envelope.namespace.as_str()) {
        return Ok(None);
    }
    let event = envelope.event.as_ref().map_or(&[][..], |event| &event.value);
    let time = envelope.timestamp.and_then(super::model::Time::timestamp).unwrap_or(Timestamp::UNIX_EPOCH);
    let what = match envelope.topic.as_str() {
        "/containers/create" => What::Created(None),
        "/tasks/start" => What::Started,
        "/containers/delete" => What::Ended(time),
        // The end of a process that was added to the container says nothing of the container's.
        "/tasks/exit" if is_init(event)? => What::Ended(time),
        _ => return Ok(None),
    };
    Ok(Some(Happening { id: Subject::decode(event)?.id, source: Source::Cri, what }))
}

fn is_init(event: &[u8]) -> Result<bool, prost::DecodeError> {
    TaskExit::decode(event).map(|exit| exit.id == exit.container_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::containerd::model::{Any, Time};

    fn envelope(topic: &str, namespace: &str, value: Vec<u8>) -> Envelope {
        let event = Some(Any { type_url: String::new(), value });
        let timestamp = Some(Time { seconds: 7, nanos: 0 });
        Envelope { timestamp, namespace: namespace.to_owned(), topic: topic.to_owned(), event }
    }

    fn exit(id: &str) -> Vec<u8> {
        TaskExit { container_id: "web".to_owned(), id: id.to_owned() }.encode_to_vec()
    }

    #[test]
    fn a_containers_life_is_read_and_its_other_processes_are_not() {
        let web = Subject { id: "web".to_owned() }.encode_to_vec();
        let created = happening(&envelope("/containers/create", "default", web.clone())).unwrap().unwrap();
        assert!(matches!(created.what, What::Created(None)) && created.id == "web");
        let ended = happening(&envelope("/tasks/exit", "default", exit("web"))).unwrap().unwrap();
        assert!(matches!(ended.what, What::Ended(time) if time.as_second() == 7));
        assert!(happening(&envelope("/tasks/exit", "default", exit("sh"))).unwrap().is_none());
        assert!(happening(&envelope("/tasks/start", "moby", web)).unwrap().is_none(), "Docker tells better");
        assert!(happening(&envelope("/tasks/start", "default", vec![0xff; 9])).is_err());
    }
}
