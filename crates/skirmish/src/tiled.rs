//! Reads maps in the JSON format of the Tiled editor.
//!
//! A map has a tile layer `walls` (0 is floor, any tile a wall), an object layer `spawns` of points,
//! and may have an object layer `pickups` of points with the type `health`, `shield` or `ammo`.
//! Other layers, such as `floor`, are for the eye and ignored here.

use serde::Deserialize;
use tickwire_game::{Refusal, Vec2};

use crate::limits::{MAX_MAP_BYTES, MAX_MAP_TILES, MAX_PICKUPS, MIN_MAP_TILES, SPAWNS};
use crate::map::Map;
use crate::nav::Nav;
use crate::state::PickupKind;

#[derive(Deserialize)]
struct TiledMap {
    width: u32,
    height: u32,
    tilewidth: u32,
    tileheight: u32,
    #[serde(default)]
    infinite: bool,
    orientation: String,
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Layer {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    /// Tile numbers, or text when the map was saved in a compressed layer format.
    #[serde(default)]
    data: serde_json::Value,
    #[serde(default)]
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    id: u32,
    x: f64,
    y: f64,
    /// Tiled calls it `type`, version 1.9 called it `class`.
    #[serde(rename = "type", alias = "class", default)]
    kind: String,
}

/// Parses and checks a map. The refusal names the layer or object that is wrong and what is wanted.
pub fn parse(bytes: &[u8]) -> Result<(Map, Nav), Refusal> {
    if bytes.len() > MAX_MAP_BYTES {
        return Err(refuse(format!("map of {} bytes, at most {MAX_MAP_BYTES}", bytes.len())));
    }
    let tiled: TiledMap = serde_json::from_slice(bytes)
        .map_err(|error| refuse(format!("not a Tiled map in JSON: {error}")))?;
    check_frame(&tiled)?;
    let mut map = Map::new(tiled.width as usize, read_walls(&tiled)?);
    for object in &layer(&tiled, "spawns", "objectgroup")?.objects {
        map.spawns.push(place(&tiled, &map, "spawns", object)?);
    }
    if !SPAWNS.contains(&map.spawns.len()) {
        let (least, most) = (SPAWNS.start(), SPAWNS.end());
        let found = map.spawns.len();
        return Err(refuse(format!("layer `spawns` has {found} points, wanted {least} to {most}")));
    }
    if tiled.layers.iter().any(|layer| layer.name == "pickups") {
        read_pickups(&tiled, &mut map)?;
    }
    let nav = Nav::new(&map);
    check_reach(&map, &nav)?;
    Ok((map, nav))
}

fn refuse(reason: String) -> Refusal {
    Refusal::new(reason)
}

/// The map's own properties.
fn check_frame(tiled: &TiledMap) -> Result<(), Refusal> {
    let sizes = MIN_MAP_TILES..=MAX_MAP_TILES;
    if !sizes.contains(&tiled.width) || !sizes.contains(&tiled.height) {
        let (width, height) = (tiled.width, tiled.height);
        return Err(refuse(format!(
            "map of {width} x {height} tiles, wanted {MIN_MAP_TILES} to {MAX_MAP_TILES} each way"
        )));
    }
    if tiled.infinite || tiled.orientation != "orthogonal" {
        return Err(refuse("the map must be orthogonal and of fixed size".to_owned()));
    }
    if tiled.tilewidth == 0 || tiled.tileheight == 0 {
        return Err(refuse("`tilewidth` and `tileheight` must be above 0".to_owned()));
    }
    Ok(())
}

/// The layer of that name, which must be of that type.
fn layer<'a>(tiled: &'a TiledMap, name: &str, kind: &str) -> Result<&'a Layer, Refusal> {
    let found = tiled.layers.iter().find(|layer| layer.name == name);
    let layer = found.ok_or_else(|| refuse(format!("the map has no layer `{name}`")))?;
    if layer.kind != kind {
        let is = &layer.kind;
        return Err(refuse(format!("layer `{name}` is of type `{is}`, wanted `{kind}`")));
    }
    Ok(layer)
}

/// The wall tiles, row by row.
fn read_walls(tiled: &TiledMap) -> Result<Vec<bool>, Refusal> {
    let layer = layer(tiled, "walls", "tilelayer")?;
    let tiles = layer.data.as_array().ok_or_else(|| {
        refuse("layer `walls` is compressed: set the map's tile layer format to CSV".to_owned())
    })?;
    let wanted = tiled.width as usize * tiled.height as usize;
    if (layer.width, layer.height) != (tiled.width, tiled.height) || tiles.len() != wanted {
        return Err(refuse(format!(
            "layer `walls` has {} tiles in {} x {}, the map is {} x {}",
            tiles.len(),
            layer.width,
            layer.height,
            tiled.width,
            tiled.height
        )));
    }
    let solid = |tile: &serde_json::Value| tile.as_u64().map(|number| number != 0);
    let walls: Option<Vec<bool>> = tiles.iter().map(solid).collect();
    walls.ok_or_else(|| refuse("layer `walls` holds something that is no tile number".to_owned()))
}

/// The pick-ups and their kinds.
fn read_pickups(tiled: &TiledMap, map: &mut Map) -> Result<(), Refusal> {
    let objects = &layer(tiled, "pickups", "objectgroup")?.objects;
    if objects.len() > MAX_PICKUPS {
        let found = objects.len();
        return Err(refuse(format!("layer `pickups` has {found} points, at most {MAX_PICKUPS}")));
    }
    for object in objects {
        let kind = match object.kind.as_str() {
            "health" => PickupKind::Health,
            "shield" => PickupKind::Shield,
            "ammo" => PickupKind::Ammo,
            other => {
                let id = object.id;
                return Err(refuse(format!(
                    "object {id} of layer `pickups` has the type `{other}`, wanted `health`, `shield` or `ammo`"
                )));
            }
        };
        let pos = place(tiled, map, "pickups", object)?;
        map.pickups.push((kind, pos));
    }
    Ok(())
}

/// An object's place in metres; it must be one where an avatar can stand.
fn place(tiled: &TiledMap, map: &Map, layer: &str, object: &Object) -> Result<Vec2, Refusal> {
    let x = (object.x / f64::from(tiled.tilewidth)) as f32;
    let y = (object.y / f64::from(tiled.tileheight)) as f32;
    let pos = Vec2::new(x, y);
    if !map.fits(pos) {
        let id = object.id;
        return Err(refuse(format!(
            "object {id} of layer `{layer}` at ({x}, {y}) m stands in a wall or too close to one"
        )));
    }
    Ok(pos)
}

/// Everything must be reachable from the first spawn.
fn check_reach(map: &Map, nav: &Nav) -> Result<(), Refusal> {
    let start = map.spawns[0];
    let places = map.spawns.iter().chain(map.pickups.iter().map(|(_, pos)| pos));
    for &pos in places {
        if !nav.reaches(start, pos) {
            let (x, y) = (pos.x, pos.y);
            return Err(refuse(format!(
                "no way leads from the first spawn to the object at ({x}, {y}) m"
            )));
        }
    }
    Ok(())
}
