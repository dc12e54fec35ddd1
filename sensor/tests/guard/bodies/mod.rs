//! Bodies of `POST /containers/create`, ordinary and hostile, the same ones on every run.

#[path = "../../../src/rules/tests/random/dice.rs"]
mod dice;
mod node;
mod twist;
mod values;

use dice::Dice;
use node::Node;
use values::{CONFIG, Field, HOST};

/// Writes bodies.
pub(crate) struct Bodies {
    dice: Dice,
    image: String,
}

impl Bodies {
    /// With this image, if it has any.
    pub(crate) fn new(seed: u64, image: &str) -> Self {
        Self { dice: Dice::new(seed), image: format!("\"{image}\"") }
    }

    /// The next body.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut body = self.ordinary();
        if self.dice.once_in(3) {
            self.add(&mut body, |field| field.reaching);
        }
        if self.dice.once_in(2) {
            for _ in 0..=self.dice.below(2) {
                twist::twist(&mut body, &mut self.dice);
            }
        }
        let text = body.to_text();
        if self.dice.once_in(12) { twist::spoil(&text, &mut self.dice) } else { text.into_bytes() }
    }

    /// A body that every container engine takes, and nobody minds.
    pub(crate) fn ordinary(&mut self) -> Node {
        let command = Node::parse(self.dice.pick(values::COMMANDS));
        let image = Node::Raw(self.image.clone());
        let mut members = vec![("Image".to_owned(), image), ("Cmd".to_owned(), command)];
        for field in CONFIG {
            if self.dice.once_in(5) {
                members.push((field.name.to_owned(), Node::parse(self.dice.pick(field.harmless))));
            }
        }
        let mut body = Node::Object(members);
        if !self.dice.once_in(8) {
            body.put("HostConfig", Node::Object(Vec::new()));
            for _ in 0..self.dice.below(8) {
                self.add(&mut body, |field| field.harmless);
            }
        }
        if self.dice.once_in(5) {
            body.put("NetworkingConfig", Node::parse(self.dice.pick(values::NETWORKING)));
        }
        body
    }

    /// Gives a field of the host's configuration one of these values.
    fn add(&mut self, body: &mut Node, values: fn(&Field) -> &'static [&'static str]) {
        let fields: Vec<&Field> = HOST.iter().filter(|field| !values(field).is_empty()).collect();
        let field = self.dice.pick(&fields);
        let value = Node::parse(self.dice.pick(values(field)));
        if body.get_mut("HostConfig").is_none() {
            body.put("HostConfig", Node::Object(Vec::new()));
        }
        if let Some(host) = body.get_mut("HostConfig") {
            host.put(field.name, value);
        }
    }
}
