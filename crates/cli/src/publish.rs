//! `atdata publish`: shards on the account's server, or where they are, under a name.

use crate::args::{Common, Publish, Saying};
use crate::error::{self, Failure, OK};
use crate::network::{failure, logged_in};
use crate::output::{Output, visible};
use crate::progress::watching;
use crate::published::{self, extent, name, storage, to_json, type_of};
use crate::push::{fitting, infer, source};
use crate::schema::{is_of_network, schema_of};
use atdata::Shards;
use atdata::atmosphere::{
    About, Atmosphere, DatasetRecord, Found, Place, Publishing, SchemaFor, SchemaRecord, Storage,
    check_readable,
};
use atdata::format::schema::Schema;
use atdata::source::is_remote;

/// The schema of what is published.
enum Given {
    At(String),
    Type(Schema),
}

/// Finds the schema, uploads the shards, and publishes both.
pub(crate) fn run(options: &Publish, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let met = |error: atdata::Error| failure(error, "");
    let atmosphere = logged_in()?.with_lexicons(options.saying.lexicons);
    let shards = Shards::new(source(&options.paths, common)?);
    if options.urls {
        only_addresses(&shards)?;
        let urls = shards.names().map_err(met)?;
        check_readable(&options.name, urls, !options.saying.allow_unreadable).map_err(advised)?;
    }
    let given = given(options, common, &atmosphere, &shards)?;
    let schema = match &given {
        Given::Type(schema) => SchemaFor::Type(schema),
        Given::At(uri) => SchemaFor::At(uri),
    };
    let mut new = Publishing::new(&options.name, schema, Storage::External(Vec::new()));
    new.about = about(&options.saying);
    let total = shards.bytes().ok().flatten();
    let found = if options.urls {
        let strict = !options.saying.allow_unreadable;
        atmosphere.publish_in_place(&shards, new, strict, watching("Reading", total))
    } else {
        let place = Place::Blobs(atmosphere.blobs().map_err(met)?);
        atmosphere.insert(&shards, &place, &new, watching("Uploading", total))
    };
    tell(&atmosphere, &found.map_err(advised)?, common, out)
}

/// What is said of it on the command line.
pub(crate) fn about(saying: &Saying) -> About {
    About {
        description: saying.description.clone(),
        tags: saying.tags.clone(),
        license: saying.license.clone(),
        metadata: None,
    }
}

/// What to do about shards that others cannot read.
pub(crate) fn advised(error: atdata::Error) -> Failure {
    let is_about_reading =
        matches!(&error, atdata::Error::Invalid(why) if why.contains("data_store="));
    let failure = failure(error, "");
    if !is_about_reading {
        return failure;
    }
    let message = failure.message.split("; to be sure").next().unwrap_or_default().to_owned();
    let hint = "--allow-unreadable publishes the address as it is; else copy the shards to where \
                others can read them: publish without --urls, promote --blobs or --to URL";
    Failure::usage(message).hint(hint)
}

fn only_addresses(shards: &Shards) -> Result<(), Failure> {
    let names = shards.names().map_err(|error| failure(error, ""))?;
    match names.iter().find(|name| !is_remote(name)) {
        Some(path) => {
            let message = format!("{path} is on this machine, where nobody else can read it");
            Err(Failure::usage(message).hint("without --urls the shards are uploaded"))
        }
        None => Ok(()),
    }
}

fn given(
    options: &Publish,
    common: &Common,
    atmosphere: &Atmosphere,
    shards: &Shards,
) -> Result<Given, Failure> {
    let mut schema = match &options.schema {
        Some(reference) if is_of_network(reference) => {
            let (_, found) = published::schema(reference)?;
            let found = fitting(shards, found, Found::schema)?;
            return Ok(Given::At(found.uri.to_string()));
        }
        Some(text) => fitting(shards, schema_of(&common.team.open()?, text)?.1, |it| it)?,
        None => infer(shards, options.type_name.as_deref(), &options.name)?,
    };
    if schema.version.is_none() {
        let version = atmosphere.version_of(&schema).map_err(|error| failure(error, ""))?;
        schema.version = version.reference.version.map(|version| version.to_string());
        if let Some(warning) = version.warning() {
            error::note(&warning);
        }
    }
    Ok(Given::Type(schema))
}

/// Says what was published.
pub(crate) fn tell(
    atmosphere: &Atmosphere,
    found: &Found<DatasetRecord>,
    common: &Common,
    out: &mut Output,
) -> Result<i32, Failure> {
    let schema = atmosphere.follow::<SchemaRecord>(&found.record.schema);
    if common.json {
        out.line(format!("{:#}", to_json(found, schema.as_ref().ok())));
        return Ok(OK);
    }
    let ok = out.style.good("ok:");
    out.line(format!("{ok} {}: {}", visible(&name(atmosphere, found)), extent(&found.record)));
    if let Ok(schema) = &schema {
        out.line(format!("  schema   {}", visible(&type_of(schema.schema()))));
        for field in &schema.schema().fields {
            out.line(format!("             {}", visible(&field.to_string())));
        }
    }
    out.line(format!("  storage  {}", visible(&storage(atmosphere, found))));
    out.line(format!("  uri      {}", visible(&found.uri.to_string())));
    out.line(format!("  cid      {}", found.cid));
    Ok(OK)
}
