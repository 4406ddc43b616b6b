//! Profiles of the AWS command line: `~/.aws/credentials` and `~/.aws/config`.

use crate::config;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

/// What the files say of a profile, under the names that the environment has for it. A profile or
/// file that is not there says nothing.
pub(super) fn read(profile: &str) -> HashMap<String, String> {
    let mut values = HashMap::new();
    let config = config::user_file("AWS_CONFIG_FILE", ".aws/config");
    let credentials = config::user_file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
    // In the one file, profiles but the default one are called `profile name`.
    add(&mut values, config, &[&format!("profile {profile}"), profile]);
    add(&mut values, credentials, &[profile]);
    values
}

fn add(values: &mut HashMap<String, String>, file: Option<PathBuf>, sections: &[&str]) {
    let Some(text) = file.and_then(|path| fs::read_to_string(path).ok()) else { return };
    let mut inside = false;
    for line in text.lines() {
        if let Some(section) = line.trim().strip_prefix('[').and_then(|rest| rest.split(']').next())
        {
            inside = sections.contains(&section.trim());
        } else if inside && let Some((name, value)) = line.split_once('=')
            // An indented line belongs to a setting with parts, such as `s3 =`.
            && !line.starts_with(char::is_whitespace)
            && let Some(name) = variable(name.trim())
        {
            values.insert(name.to_owned(), value.trim().to_owned());
        }
    }
}

fn variable(name: &str) -> Option<&'static str> {
    Some(match name {
        "aws_access_key_id" => "AWS_ACCESS_KEY_ID",
        "aws_secret_access_key" => "AWS_SECRET_ACCESS_KEY",
        "aws_session_token" => "AWS_SESSION_TOKEN",
        "region" => "AWS_REGION",
        "endpoint_url" => "AWS_ENDPOINT_URL",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_profile_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let text = "[default]\nregion = eu-1\n[profile team]\nregion=eu-2\ns3 =\n  region = no\n\
                    endpoint_url = http://host:9000\naws_access_key_id = A\n[other]\nregion = no\n";
        fs::write(&path, text).unwrap();
        let mut values = HashMap::new();
        add(&mut values, Some(path), &["profile team", "team"]);
        assert_eq!(values["AWS_REGION"], "eu-2");
        assert_eq!(values["AWS_ENDPOINT_URL"], "http://host:9000");
        assert_eq!((values["AWS_ACCESS_KEY_ID"].as_str(), values.len()), ("A", 3));
    }
}
