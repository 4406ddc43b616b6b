//! The same words on real servers: Redis, a cluster of it, `PostgreSQL`, and an S3-compatible one.

use crate::home::Home;
use crate::servers::start;

#[test]
fn data_sets_are_shared_through_redis_and_s3() {
    walk("redis");
}

#[test]
fn data_sets_are_shared_through_a_cluster_and_s3() {
    walk("redis-cluster");
}

#[test]
fn data_sets_are_shared_through_postgres_and_s3() {
    walk("postgres");
}

fn walk(kind: &str) {
    let Some(database) = start(kind, &[]) else { return };
    let keys = ["--access-key", "the-access-key", "--secret-key", "the-very-secret-key"];
    let Some(s3) = start("s3", &[&keys[..], &["--bucket", "team"]].concat()) else { return };
    let home = Home::new();
    home.write_flowers("one", false);
    let endpoint = s3.url.clone();
    let variables = [
        ("ATDATA_INDEX", database.url.as_str()),
        ("ATDATA_STORE", "s3://team/data"),
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "the-access-key"),
        ("AWS_SECRET_ACCESS_KEY", "the-very-secret-key"),
        ("AWS_REGION", "us-east-1"),
    ];
    for (args, words) in [
        (&["push", "one", "flowers"][..], "10 samples in 2 shards"),
        (&["ls"], "flowers"),
        (&["ls", "@local/flowers"], "2 indexes"),
        (&["head", "-n1", "@local/flowers"], "flower 0"),
        (&["verify", "@local/flowers"], "2 of 2 hashes right"),
        (&["pull", "flowers", "copy"], "ok: 2 shards"),
        (&["rm", "--yes", "flowers"], "removed"),
        (&["gc", "--grace", "0", "--remove"], "removed 4 files"),
        (&["doctor"], "all can be reached"),
    ] {
        let run = home.run_with(&variables, args);
        assert_eq!(run.code, Some(0), "{args:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(words), "{args:?}: {}", run.stdout);
    }
    let password = database.password.clone().unwrap_or_default();
    let doctor = home.run_with(&variables, &["doctor"]).stdout;
    assert!(password.is_empty() || !doctor.contains(&password), "{doctor}");
    assert!(!doctor.contains("the-very-secret-key") && !doctor.contains("the-access-key"));
    let wrong = database.url.replace(&password, "not-the-password");
    let run = home.run(&["ls", "--index", &wrong]);
    assert!(password.is_empty() || run.code == Some(5), "{:?} {}", run.code, run.stderr);
    let wrong = [&variables[..], &[("AWS_SECRET_ACCESS_KEY", "another")]].concat();
    let run = home.run_with(&wrong, &["doctor"]);
    assert!(run.code == Some(1) && run.stdout.contains("store  failed"), "{}", run.stdout);
}
