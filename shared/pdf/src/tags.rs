//! The structure of a document, for readers that can't see it (ISO 32000-1, 14.8; PDF/UA-1).

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

use crate::layout::printable;

/// What a part of a document is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Role {
    Paragraph,
    /// A heading of this level, from 1.
    Heading(u16),
    Part,
    Table,
    Row,
    /// A cell that names its column.
    ColumnHead,
    /// A cell that names its row.
    RowHead,
    Cell,
    /// A picture, in words.
    Picture(String),
}

/// A part by its place in [`Tags`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node(usize);

enum Child {
    Node(Node),
    Mark(Identifier),
}

struct Entry {
    role: Role,
    title: String,
    children: Vec<Child>,
}

/// The tree: parts are added in reading order while the document is laid out, and their marks when it is drawn.
#[derive(Default)]
pub(crate) struct Tags {
    entries: Vec<Entry>,
    roots: Vec<Node>,
}

impl Tags {
    /// A new part within another, or on top. `title` is what a heading says.
    pub(crate) fn add(&mut self, within: Option<Node>, role: Role, title: &str) -> Node {
        let node = Node(self.entries.len());
        self.entries.push(Entry { role, title: printable(title), children: Vec::new() });
        match within {
            Some(parent) => self.entries[parent.0].children.push(Child::Node(node)),
            None => self.roots.push(node),
        }
        node
    }

    /// What was drawn belongs to a part.
    pub(crate) fn mark(&mut self, node: Node, mark: Identifier) {
        self.entries[node.0].children.push(Child::Mark(mark));
    }

    /// The tree in krilla's form.
    pub(crate) fn tree(self, language: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for root in &self.roots {
            tree.push(self.group(*root));
        }
        tree
    }

    fn group(&self, node: Node) -> TagGroup {
        let entry = &self.entries[node.0];
        let mut group = TagGroup::new(kind(entry));
        for child in &entry.children {
            match child {
                Child::Node(node) => group.push(self.group(*node)),
                Child::Mark(mark) => group.push(*mark),
            }
        }
        group
    }
}

fn kind(entry: &Entry) -> TagKind {
    match &entry.role {
        Role::Paragraph => Tag::P.into(),
        Role::Heading(level) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(entry.title.clone())).into()
        }
        Role::Part => Tag::Div.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::Picture(words) => Tag::Figure(Some(words.clone())).into(),
    }
}
