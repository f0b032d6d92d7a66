//! What does not change while a room is open.

use std::sync::Arc;

use tickwire_game::{LoadedAsset, Settings};
use tickwire_wire::layout::Layout;
use tickwire_wire::prior::Prior;
use tickwire_wire::schema::Schema;
use tickwire_wire::shape::Shape;

use crate::config::RoomConfig;
use crate::inputs::InputShape;

/// What does not change while a room is open: what `Welcome` tells, and what messages are read by.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) config: RoomConfig,
    /// When the room was opened: tells it from earlier rooms of the same id.
    pub(crate) opened_us: u64,
    pub(crate) game: &'static str,
    pub(crate) settings: Settings,
    pub(crate) schema_json: String,
    pub(crate) schema_hash: String,
    /// The room's options as JSON.
    pub(crate) options: String,
    /// Path and SHA-256 of what the game loaded.
    pub(crate) assets: Vec<(String, String)>,
    /// The tables, for viewers.
    pub(crate) layout: Arc<Layout>,
    /// Shape of an input.
    pub(crate) input: Shape,
    /// What input buffers need of it.
    pub(crate) input_shape: InputShape,
    /// Shape of a command.
    pub(crate) command: Shape,
}

impl Facts {
    /// The facts of a room of `game`, opened at `opened_us`.
    pub(crate) fn new(
        config: RoomConfig,
        opened_us: u64,
        settings: Settings,
        (game, schema, layout): (&'static str, &Schema, &Arc<Layout>),
        options: String,
        assets: &[LoadedAsset],
    ) -> Self {
        let schema_json = schema.to_json();
        let asset = |asset: &LoadedAsset| (asset.path.clone(), asset.sha256.clone());
        Self {
            config,
            opened_us,
            game,
            settings,
            schema_hash: tickwire_wire::schema::schema_hash(&schema_json),
            schema_json,
            options,
            assets: assets.iter().map(asset).collect(),
            layout: Arc::clone(layout),
            input: schema.input.clone(),
            input_shape: InputShape::new(
                schema.input.columns(),
                schema.sticky.clone(),
                settings.tick_hz,
            ),
            command: schema.command.clone(),
        }
    }

    /// Hash of the prior from which streams are coded; empty: the protocol's own.
    pub(crate) fn prior_hash(&self) -> &str {
        self.layout.prior.as_ref().map_or("", Prior::hash)
    }

    /// The nonce of the n-th reservation: nobody without the key can foresee it, and no other room
    /// gives it out.
    pub(crate) fn nonce(&self, n: u64) -> u64 {
        let parts = [self.config.id.as_bytes(), &self.opened_us.to_le_bytes(), &n.to_le_bytes()];
        let mac = self.config.ticket_key.mac("tickwire nonce 1", &parts);
        mac.iter().take(8).fold(0, |nonce, &byte| (nonce << 8) | u64::from(byte))
    }

    /// Tells one occupation of a seat from every other, in this room and any other.
    pub(crate) fn occupation(&self, nonce: u64) -> Vec<u8> {
        let mut bytes = self.config.id.as_bytes().to_vec();
        bytes.extend_from_slice(&self.opened_us.to_le_bytes());
        bytes.extend_from_slice(&nonce.to_le_bytes());
        bytes
    }
}
