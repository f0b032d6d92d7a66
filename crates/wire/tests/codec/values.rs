//! One value, and one schema: there and back.

use proptest::prelude::*;
use tickwire_wire::bits::{BitReader, BitWriter};
use tickwire_wire::plain::{read_plain, write_plain};
use tickwire_wire::schema::Schema;

use crate::games;
use crate::worlds::{self, Dice};

proptest! {
    #![proptest_config(worlds::cases(160))]

    #[test]
    fn plain_values_of_any_shape(seed: u64) {
        let mut dice = Dice(seed);
        let shape = worlds::shape(&mut dice, 3);
        let mut columns = Vec::new();
        worlds::value(&mut dice, &shape, &mut columns);
        let mut bytes = Vec::new();
        let mut writer = BitWriter::new(&mut bytes);
        write_plain(&shape, &columns, &mut writer);
        writer.finish();
        let mut back = vec![u32::MAX; shape.columns()];
        let mut reader = BitReader::new(&bytes);
        read_plain(&shape, &mut reader, &mut back).unwrap();
        prop_assert!(reader.finish().is_ok());
        prop_assert_eq!(back, columns);
    }

    #[test]
    fn a_schema_survives_json(seed: u64) {
        for schema in [worlds::schema(&mut Dice(seed)), games::schema(&mut Dice(seed))] {
            let json = schema.to_json();
            let back = Schema::from_json(&json).unwrap();
            prop_assert_eq!(back.to_json(), json);
            prop_assert_eq!(back, schema);
        }
    }
}
