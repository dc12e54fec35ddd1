//! Constants of a condition in the form in which they are compared fastest.

pub mod glob;
pub mod needle;
pub mod network;
pub mod path_set;
pub mod regex;
pub mod text_set;
