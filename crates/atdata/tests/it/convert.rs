//! Conversion: other formats in and out.

mod folders;
mod foreign;
mod hostile;
mod one_pass;
mod round_trips;

use atdata::convert::{
    ConvertOptions, Converted, Format, OutOptions, Outgoing, from_path, to_path,
};
use atdata::{Dataset, DictSample, Result, WriteOptions, write_samples};
use std::path::{Path, PathBuf};

/// All samples of some shards.
fn samples(paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Vec<DictSample> {
    let paths: Vec<_> =
        paths.into_iter().map(|path| path.as_ref().to_string_lossy().into_owned()).collect();
    let source = atdata::source::LocalSource::new(paths);
    let dataset: Dataset = Dataset::from_source(std::sync::Arc::new(source));
    dataset.ordered().into_iter().collect::<Result<_>>().unwrap()
}

fn shards_of(samples: &[DictSample], path: &Path) -> Dataset {
    write_samples(samples.to_vec(), path, WriteOptions::new()).unwrap()
}

/// Writes samples as shards and those as files of another format.
fn out(samples: &[DictSample], folder: &Path, format: Format, max: Option<u64>) -> Vec<PathBuf> {
    let dataset = shards_of(samples, &folder.join("before.tar"));
    let (mut outgoing, _) = Outgoing::of_shards(&dataset, |_| {}).unwrap();
    let ending = format.endings().last().unwrap();
    let path = folder.join(format!("out{ending}"));
    let options = OutOptions { max_count: max, overwrite: true, ..OutOptions::default() };
    to_path(&mut outgoing, &path, format, &options).unwrap()
}

fn into(source: &Path, format: Option<Format>) -> Result<(Converted, Vec<DictSample>)> {
    let target = source.with_file_name("after.tar");
    let mut options = ConvertOptions::new().overwrite(true);
    if let Some(format) = format {
        options = options.format(format);
    }
    let converted = from_path(source, &target, options)?;
    let found = samples(converted.paths());
    Ok((converted, found))
}

/// The fields of what a text in a file becomes, and its samples; or what is wrong.
fn text(
    name: &str,
    text: impl AsRef<[u8]>,
) -> std::result::Result<(String, Vec<DictSample>), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let place = folder.path().to_string_lossy().into_owned() + "/";
    let (converted, samples) = into(&path, None)
        .map_err(|error| format!("{}: {}", error.kind(), error.to_string().replace(&place, "")))?;
    let fields: Vec<_> = converted.schema.fields.iter().map(ToString::to_string).collect();
    Ok((fields.join(", "), samples))
}
