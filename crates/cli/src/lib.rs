//! The atdata command.
