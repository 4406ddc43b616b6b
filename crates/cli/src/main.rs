//! The atdata command.
fn main() {}
