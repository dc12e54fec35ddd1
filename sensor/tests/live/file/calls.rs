//! Calls made one after the other by one process, and the event of each.

use std::process::Command;

use serde_json::Value;

use crate::support::{Assembly, Event, Operand, Place, Sensor, Tier, Want, run, want};

/// A call, and what its event must say.
pub(super) struct Row {
    call: Option<(u32, Vec<Operand>)>,
    want: Want,
}

/// A [`Row`].
pub(super) fn row(number: u32, operands: &[Operand], want: Want) -> Row {
    Row { call: Some((number, operands.to_vec())), want }
}

/// The event of a call that the program has made by now.
pub(super) fn made(want: Want) -> Row {
    Row { call: None, want }
}

/// A string's address as an operand.
pub(super) fn text(program: &mut Assembly, text: impl AsRef<[u8]>) -> Operand {
    program.string(text.as_ref()).into()
}

/// What is asked of an event of a call that succeeded.
pub(super) fn done(name: &'static str, more: Want) -> Want {
    let mut want =
        want! { "evt.type" => name, "evt.res" => "SUCCESS", "evt.failed" => false, "evt.category" => "file" };
    want.extend(more);
    want
}

/// What is asked of an event of a call that failed.
pub(super) fn failed(name: &'static str, (error, code): (&str, i32), more: Want) -> Want {
    let mut want = want! {
        "evt.type" => name, "evt.res" => error, "evt.rawres" => -code, "evt.failed" => true,
        "evt.category" => "file", "fs.path.name" => (), "fs.path.source" => (), "fs.path.target" => (),
    };
    want.extend(more);
    want
}

/// Runs a program of these calls in a place, and asserts that each of them is one event, in order, and that no other
/// call of these types is.
#[track_caller]
pub(super) fn each_is_one_event(
    place: &Place,
    rows: impl FnOnce(&mut Assembly, Tier) -> Vec<Row>,
) -> Vec<Event> {
    let mut sensor = Sensor::events(&[]);
    let mut program = Assembly::default();
    let rows = rows(&mut program, sensor.tier);
    for (number, operands) in rows.iter().filter_map(|row| row.call.as_ref()) {
        program.call(*number, operands);
    }
    program.exit(0);
    let program = place.program(&crate::support::unique("calls"), &program);
    let ended = run(Command::new(program).current_dir(place.path()));
    sensor.fence();
    let types: Vec<&Value> = rows.iter().map(|row| type_of(&row.want)).collect();
    let mut events = sensor.all(&want! { "proc.pid" => ended.pid });
    events.retain(|event| types.contains(&event.get("evt.type")));
    assert_eq!(events.iter().map(|event| event.get("evt.type")).collect::<Vec<_>>(), types, "{events:#?}");
    for (event, row) in events.iter().zip(&rows) {
        event.is(&row.want);
    }
    let finished = sensor.stop();
    finished.summary.adds_up();
    finished.summary.lost_nothing();
    events
}

fn type_of(want: &Want) -> &Value {
    &want.iter().find(|(name, _)| *name == "evt.type").unwrap().1
}
