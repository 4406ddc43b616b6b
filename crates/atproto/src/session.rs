//! Sessions.

mod login;
mod password;
mod tokens;

pub use password::PasswordSession;
