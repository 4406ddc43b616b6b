//! CAR v1: blocks in a row, each with its CID before it.

use super::Checked;
use crate::cid::{self, Cid};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A proof of one record is a few kilobytes, and the record.
const MAX_BYTES: usize = 16 << 20;
const MAX_BLOCKS: usize = 10_000;

/// How the CID of a block begins: version 1, DAG-CBOR, SHA-256 of 32 bytes.
const CID_START: [u8; 4] = [0x01, 0x71, 0x12, 0x20];
const CID_LENGTH: usize = CID_START.len() + 32;

#[derive(Serialize, Deserialize)]
struct Header {
    roots: Vec<Cid>,
    version: u64,
}

/// Blocks that were checked to be those that their CIDs name.
pub(super) struct Car<'a> {
    pub(super) root: Cid,
    blocks: HashMap<Cid, &'a [u8]>,
}

impl<'a> Car<'a> {
    pub(super) fn parse(mut bytes: &'a [u8]) -> Checked<Self> {
        if bytes.len() > MAX_BYTES {
            return Err(format!("the CAR file is larger than {MAX_BYTES} bytes"));
        }
        let root = root(section(&mut bytes)?)?;
        let mut blocks = HashMap::new();
        for _ in 0..MAX_BLOCKS {
            if bytes.is_empty() {
                return Ok(Self { root, blocks });
            }
            let (cid, block) = block(section(&mut bytes)?)?;
            blocks.insert(cid, block);
        }
        Err(format!("the CAR file has more than {MAX_BLOCKS} blocks"))
    }

    pub(super) fn block(&self, cid: &Cid) -> Checked<&'a [u8]> {
        self.blocks.get(cid).copied().ok_or_else(|| format!("the CAR file lacks the block {cid}"))
    }
}

fn root(header: &[u8]) -> Checked<Cid> {
    let header: Header = serde_ipld_dagcbor::from_slice(header)
        .map_err(|_| "this is no CAR file: its header is broken".to_owned())?;
    match (header.version, header.roots.as_slice()) {
        (1, [root]) => Ok(*root),
        (1, roots) => Err(format!("the CAR file has {} roots instead of one", roots.len())),
        (version, _) => Err(format!("the CAR file has version {version}; only 1 is known")),
    }
}

fn block(section: &[u8]) -> Checked<(Cid, &[u8])> {
    let wrong = || "a block's CID is not a CIDv1 of DAG-CBOR with SHA-256".to_owned();
    let (named, block) = section.split_at_checked(CID_LENGTH).ok_or_else(wrong)?;
    if !named.starts_with(&CID_START) {
        return Err(wrong());
    }
    let cid = cid::of_block(block);
    if cid.to_bytes() == named {
        Ok((cid, block))
    } else {
        Err(format!("a block is not the one that its CID names: its bytes are {cid}"))
    }
}

/// Takes the next bytes that have their length before them.
fn section<'a>(bytes: &mut &'a [u8]) -> Checked<&'a [u8]> {
    let length = length(bytes)?;
    let (section, rest) =
        bytes.split_at_checked(length).ok_or("the CAR file is cut off within a block")?;
    *bytes = rest;
    Ok(section)
}

/// Takes a varint: 7 bits a byte, the lowest first. Four bytes are enough for [`MAX_BYTES`].
fn length(bytes: &mut &[u8]) -> Checked<usize> {
    let mut length = 0;
    for place in 0..4 {
        let (byte, rest) = bytes.split_first().ok_or("the CAR file is cut off within a length")?;
        *bytes = rest;
        length |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(length);
        }
    }
    Err(format!("a block of the CAR file says it is larger than {MAX_BYTES} bytes"))
}

/// A CAR file of these blocks.
pub(crate) fn write<'a>(root: Cid, blocks: impl Iterator<Item = (&'a Cid, &'a [u8])>) -> Vec<u8> {
    let header = Header { roots: vec![root], version: 1 };
    let mut car = Vec::new();
    push(&mut car, &[&super::tree::encoded(&header)]);
    for (cid, block) in blocks {
        push(&mut car, &[&cid.to_bytes(), block]);
    }
    car
}

fn push(car: &mut Vec<u8>, parts: &[&[u8]]) {
    let mut length: usize = parts.iter().map(|part| part.len()).sum();
    while length >= 0x80 {
        car.push(0x80 | (length & 0x7f) as u8);
        length >>= 7;
    }
    car.push(length as u8);
    car.extend(parts.iter().copied().flatten());
}
