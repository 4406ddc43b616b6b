//! Object stores and web servers: one way to ask them, one way to try again, one way to say what
//! went wrong. Sources read through it, stores write.

mod buckets;
mod dotenv;
mod fault;
mod handle;
mod patience;
mod place;
mod profile;
mod reach;
mod s3;
mod silent;
mod uploads;
mod web;

pub use patience::Patience;
pub use s3::{S3Config, S3Options};

pub(crate) use buckets::{Bucket, Kind, Located};
pub(crate) use fault::{Attempt, Blame, Failure, after, tell, timed, tried};
pub(crate) use handle::{Client, Handle};
pub(crate) use place::{Answer, Body, Facts, Place, head};
pub(crate) use reach::Reach;
pub(crate) use uploads::{Marker, Upload};
