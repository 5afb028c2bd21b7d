//! Reading the contents of entries, by ranges, with every byte counted.

use flate2::{Decompress, FlushDecompress, Status};

use crate::directory::Entry;

/// Bytes that one request takes at most, and that one piece of a content has at most.
const CHUNK: u64 = 4 * 1_024 * 1_024;
const PIECE: usize = 1_024 * 1_024;
/// Letters of a name in a message.
const NAME_SHOWN: usize = 60;

/// Where the bytes of an archive are.
pub trait Source {
    /// Why they can't be had.
    type Error;

    /// How many there are.
    fn size(&self) -> u64;

    /// The `length` bytes from `from` on; the caller asks for none beyond the end. Fewer are an archive that changed meanwhile.
    fn read(&self, from: u64, length: u64) -> impl Future<Output = Result<Vec<u8>, Self::Error>>;
}

/// What is wrong with an archive. Each message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// No directory stands at its end, or one that ends early.
    #[error("The file is not a whole ZIP archive. Send the file that the export gave, and all of it.")]
    NotAnArchive,
    /// It is split, of the kind ZIP64, has a comment, or a method of compression other than DEFLATE.
    #[error(
        "The archive has a form that is not taken. Pack it anew as a plain ZIP, without a comment, in one part."
    )]
    Unusual,
    /// Too many entries.
    #[error(
        "The archive has more than {0} files. Leave some out of it, and add them to their lessons by hand."
    )]
    TooManyEntries(usize),
    /// A name that may not be there.
    #[error("«{0}» does not belong into the archive. Pack only what the export gave, under the same names.")]
    Name(String),
    /// A name that is there twice.
    #[error("«{0}» is in the archive twice. Pack each file once.")]
    Twice(String),
    /// It is encrypted.
    #[error("«{0}» is encrypted. Pack the archive without a password.")]
    Encrypted(String),
    /// A link or a folder.
    #[error("«{0}» is no plain file. Pack the file itself, not a link to it.")]
    NotAFile(String),
    /// A content that is too large.
    #[error("«{name}» has more than {most} bytes. Leave it out, or make it smaller.")]
    TooLarge {
        /// Its name.
        name: String,
        /// Most bytes of it.
        most: u64,
    },
    /// All of them are too large together.
    #[error(
        "The files have more than {0} bytes together. Leave some out of the archive, and add them to their lessons by hand."
    )]
    TotalTooLarge(u64),
    /// It grows too much.
    #[error(
        "«{0}» is packed more densely than a file of a course can be. Pack the archive anew, without compression."
    )]
    TooDense(String),
    /// It shares bytes with another one.
    #[error("«{0}» shares its bytes with another part of the archive. Pack the archive anew.")]
    Overlap(String),
    /// Its content is not what the directory says.
    #[error("«{0}» is damaged. Send the archive again, or export it again.")]
    Damaged(String),
}

/// An archive, or its source, can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// Reading it again does not help.
    #[error(transparent)]
    Bad(#[from] Bad),
    /// The source did not give its bytes.
    #[error("the bytes of the archive can't be had")]
    Source(E),
}

/// What a message shows of a name that a stranger gave.
pub(crate) fn shown(name: &str) -> String {
    name.escape_debug().take(NAME_SHOWN).collect()
}

/// A source, as this crate asks it.
pub(crate) trait Exactly: Source {
    /// Exactly these bytes.
    async fn take(&self, from: u64, length: u64) -> Result<Vec<u8>, ReadError<Self::Error>> {
        let end = from.checked_add(length).ok_or(Bad::NotAnArchive)?;
        if end > self.size() {
            return Err(Bad::NotAnArchive.into());
        }
        let bytes = self.read(from, length).await.map_err(ReadError::Source)?;
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(Bad::NotAnArchive.into()) }
    }
}

impl<S: Source> Exactly for S {}

/// The content of an entry that is being read.
pub struct Contents<'a, S> {
    source: &'a S,
    entry: &'a Entry,
    /// Where the packed bytes go on that were not asked for yet, and how many there are.
    at: u64,
    left: u64,
    input: Vec<u8>,
    used: usize,
    inflate: Option<Decompress>,
    crc: crc32fast::Hasher,
    count: u64,
    is_whole: bool,
}

impl<'a, S: Source> Contents<'a, S> {
    pub(crate) fn new(source: &'a S, entry: &'a Entry, at: u64) -> Self {
        Self {
            source,
            entry,
            at,
            left: entry.packed,
            input: Vec::new(),
            used: 0,
            // Raw DEFLATE, without the header of zlib.
            inflate: entry.is_deflated.then(|| Decompress::new(false)),
            crc: crc32fast::Hasher::new(),
            count: 0,
            is_whole: false,
        }
    }

    /// The next bytes; `None` after the last ones. The last piece is given only when size and checksum of the whole are right.
    ///
    /// # Errors
    /// [`Bad::Damaged`] as soon as there are more bytes than the directory says, and at the end where anything else is wrong.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ReadError<S::Error>> {
        while !self.is_whole {
            if self.used == self.input.len() && self.left > 0 {
                let length = self.left.min(CHUNK);
                self.input = self.source.take(self.at, length).await?;
                (self.used, self.at, self.left) = (0, self.at + length, self.left - length);
            }
            let piece = self.piece()?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// All of it: for a small one.
    ///
    /// # Errors
    /// As [`Contents::next`].
    pub async fn all(mut self) -> Result<Vec<u8>, ReadError<S::Error>> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            all.extend(piece);
        }
        Ok(all)
    }

    /// What the input at hand gives.
    fn piece(&mut self) -> Result<Vec<u8>, Bad> {
        let damaged = || Bad::Damaged(shown(&self.entry.name));
        let (piece, has_ended) = match &mut self.inflate {
            None => {
                let piece = std::mem::take(&mut self.input);
                self.used = 0;
                (piece, self.left == 0)
            }
            Some(inflate) => {
                let mut piece = Vec::with_capacity(PIECE);
                let (before, input) = (inflate.total_in(), self.input.get(self.used..).unwrap_or_default());
                let status = inflate.decompress_vec(input, &mut piece, FlushDecompress::None);
                let status = status.map_err(|_| damaged())?;
                let taken = usize::try_from(inflate.total_in() - before).map_err(|_| damaged())?;
                self.used += taken;
                let has_ended = status == Status::StreamEnd;
                let waits = self.used == self.input.len() && self.left > 0;
                if !has_ended && piece.is_empty() && taken == 0 && !waits {
                    return Err(damaged());
                }
                (piece, has_ended)
            }
        };
        self.count += piece.len() as u64;
        if self.count > self.entry.size {
            return Err(damaged());
        }
        self.crc.update(&piece);
        if has_ended {
            let nothing_left = self.left == 0 && self.used == self.input.len();
            let sum = self.crc.clone().finalize();
            if !nothing_left || self.count != self.entry.size || sum != self.entry.crc {
                return Err(damaged());
            }
            self.is_whole = true;
        }
        Ok(piece)
    }
}
