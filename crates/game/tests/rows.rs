//! Rows and values as columns: what the derives make of every kind of field.

#[path = "support/zoo.rs"]
mod zoo;

use tickwire_game::wire::schema::{Audience, Predict, To};
use tickwire_game::wire::shape::Shape;
use tickwire_game::{
    ColumnReader, Id, List, PlayerId, Quat, Replicate, Row, Team, Vec2, Vec3, Wire, World,
};
use zoo::{Animal, Collar, Input, Mood, Order, State, Tag, Zoo};

fn animal() -> Animal {
    Animal {
        keeper: PlayerId(7),
        pos: Vec2::new(1.26, -70.0),
        vel: Vec2::new(16.0, 0.0),
        height: f32::NAN,
        heading: -1.0,
        pose: Quat::from_rotation_y(2.0),
        scent: Vec3::new(-4.0, 0.2, 9.0),
        byte: 255,
        short: 65535,
        word: u32::MAX,
        long: u64::MAX - 1,
        signed_byte: -128,
        signed_short: -1,
        signed_word: i32::MIN,
        signed_long: i64::MIN + 1,
        level: -9,
        age: 25,
        hull: 200,
        tame: true,
        mood: Mood::Hungry { for_s: 900, how: 0.3 },
        collar: Collar { colour: [1, 2, 3], owner_team: Team(2), tilt: 7.0 },
        tag: Tag(9, true),
        friend: Some(PlayerId(3)),
        weight: Some(12.3),
        path: [Vec2::ONE, Vec2::ZERO, Vec2::new(9.0, 99.0)],
        paws: List::from_iter([-1, 0, 1]),
        herd: List::from_iter([Id::new(4)]),
        name: "Wölfchen der Große".into(),
        team: Team(1),
        ammo: 300,
        hope: Some(0.333),
        memory: vec![1, 2],
        plan: Some("run".to_owned()),
    }
}

fn columns(row: &impl Row) -> (Vec<u32>, Vec<u32>) {
    let (mut public, mut private) = (Vec::new(), Vec::new());
    row.put_public(&mut public);
    row.put_private(&mut private);
    (public, private)
}

fn row_of<R: Row>((public, private): &(Vec<u32>, Vec<u32>)) -> R {
    R::get(&mut ColumnReader::new(public), &mut ColumnReader::new(private))
}

#[test]
fn snapping_rounds_to_what_a_receiver_reads() {
    let mut snapped = animal();
    snapped.snap();
    assert_eq!(snapped.pos, Vec2::new(1.25, -64.0), "rounded, and held in the range");
    assert_eq!(snapped.vel.x, 16.0, "`..=` includes its end");
    assert_eq!(snapped.height, 0.0);
    assert!((snapped.heading - (std::f32::consts::TAU - 1.0)).abs() < 0.01);
    assert_eq!(snapped.scent, Vec3::new(-4.0, 0.0, 3.5), "`..` leaves its end out");
    assert_eq!((snapped.level, snapped.age, snapped.hull), (-5, 19, 100));
    assert_eq!(snapped.mood, Mood::Hungry { for_s: 600, how: 0.25 });
    assert_eq!(snapped.name, "Wölfchen der");
    assert_eq!(snapped.weight, Some(12.5));
    assert_eq!(snapped.memory, [1, 2], "skipped fields stay");

    let received: Animal = row_of(&columns(&snapped));
    let expected = Animal { memory: Vec::new(), plan: None, ..snapped.clone() };
    assert_eq!(received, expected, "a receiver has the same bits, but for skipped fields");

    let mut again = snapped.clone();
    again.snap();
    assert_eq!(again, snapped, "snapping twice changes nothing more");
}

#[test]
fn columns_agree_with_the_shapes() {
    let schema = World::<Zoo>::schema();
    schema.validate().unwrap();
    let table = &schema.tables[1];
    let width = |to| {
        let fields = table.fields.iter().filter(|field| field.to == to);
        fields.map(|field| field.shape.columns()).sum::<usize>()
    };
    assert_eq!(width(To::Everyone), Animal::PUBLIC_COLUMNS);
    assert_eq!(width(To::Owner), Animal::PRIVATE_COLUMNS);
    let (public, private) = columns(&animal());
    assert_eq!((public.len(), private.len()), (Animal::PUBLIC_COLUMNS, Animal::PRIVATE_COLUMNS));

    let mut specs = Vec::new();
    for field in table.fields.iter().filter(|field| field.to == To::Everyone) {
        field.shape.push_specs(&mut specs);
    }
    for (column, spec) in public.iter().zip(&specs) {
        assert!(*column <= spec.max, "{column} > {spec:?}");
    }
}

#[test]
fn any_columns_make_a_row() {
    for columns in [vec![u32::MAX; 200], vec![1; 200], Vec::new()] {
        let mut row: Animal = row_of(&(columns.clone(), columns));
        let read = row.clone();
        row.snap();
        let again = Animal { pose: row.pose, ..read };
        assert_eq!(row, again, "what is read is within every range; rotations are made sound");
        row.snap();
        assert_eq!(row, again);
    }
}

#[test]
fn the_schema_says_what_the_attributes_say() {
    let schema = World::<Zoo>::schema();
    let names: Vec<_> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["players", "animals", "orders", "weather"]);
    let [_, animals, orders, weather] = &schema.tables[..] else { unreachable!() };
    assert_eq!(
        (animals.owner, animals.audience, animals.single),
        (Some(0), Audience::Everyone, false)
    );
    assert_eq!((orders.owner, orders.audience), (None, Audience::Field(0)));
    assert!(weather.single);

    let field = |name: &str| animals.fields.iter().find(|field| field.name == name).unwrap();
    assert_eq!((field("pos").lerp, field("pos").predict), (true, Predict::Linear));
    assert_eq!(field("pos").velocity, Some(2));
    assert_eq!((field("vel").lerp, field("vel").predict), (false, Predict::Hold));
    assert_eq!((field("pose").lerp, field("pose").predict), (true, Predict::Hold));
    assert!(field("vel").keeps_length && !field("pos").keeps_length);
    assert_eq!((field("heading").follows, field("pos").follows), (Some(2), None));
    let usual = [field("vel").usual, field("heading").usual, field("pos").usual];
    assert_eq!(usual, [4, 17, 0], "0.2 in sixteenths and 0.1 in 1024ths of a turn, rounded up");
    assert_eq!(field("ammo").to, To::Owner);
    assert_eq!(
        field("herd").shape,
        Shape::List { of: Box::new(Shape::Id { table: "animals".to_owned() }), max: 3 }
    );
    assert_eq!(field("long").shape, Shape::Wide { signed: false });
    assert_eq!(field("level").shape, Shape::Int { min: -5, max: 5 });
    assert_eq!(field("age").shape, Shape::Int { min: 10, max: 19 });
    assert!(animals.fields.iter().all(|field| field.name != "memory"));

    assert_eq!(schema.sticky, [2, 5], "also those of structs inside");
    let infos = World::<Zoo>::table_infos();
    assert_eq!((infos[1].at, infos[1].rewind), (Some(1), true));
    assert_eq!((infos[2].at, infos[2].rewind), (Some(3), false));
}

#[test]
fn half_open_ranges_need_no_column_for_their_end() {
    let shape = |name: &str| {
        let fields = Animal::fields();
        fields.into_iter().find(|field| field.name == name).unwrap().shape
    };
    let Shape::Vector { n: 2, spec } = shape("pos") else { panic!("not a vector") };
    assert_eq!(spec.max_raw, 4095, "128 m in 1/32 m are 4096 values: 12 bits");
    let Shape::Vector { n: 2, spec } = shape("vel") else { panic!("not a vector") };
    assert_eq!(spec.max_raw, 512, "both ends");
}

#[test]
fn variants_that_are_not_active_are_zero() {
    let mut out = Vec::new();
    Mood::Chasing(Id::new(5), PlayerId(6)).put(&mut out);
    assert_eq!(out, [2, 0, 0, 5, 6]);
    assert_eq!(Mood::get(&mut ColumnReader::new(&out)), Mood::Chasing(Id::new(5), PlayerId(6)));
    let tag_beyond = [77, 0, 0, 5, 6];
    assert_eq!(
        Mood::get(&mut ColumnReader::new(&tag_beyond)),
        Mood::Chasing(Id::new(5), PlayerId(6))
    );
    assert_eq!(Mood::COLUMNS, Mood::shape().columns());
    assert_eq!(Input::COLUMNS, Input::shape().columns());
}

#[test]
fn the_players_table_is_the_built_in_one() {
    let schema = World::<Zoo>::schema();
    assert_eq!(schema.tables[0], tickwire_game::wire::schema::players_table());
}

#[test]
fn private_fields_are_cleared_for_all_but_the_owner() {
    let mut state = State {
        animals: tickwire_game::Table::new(),
        orders: tickwire_game::Table::new(),
        weather: Default::default(),
        visits: Default::default(),
    };
    let mine = state.animals.insert(Animal { keeper: PlayerId(1), ammo: 5, ..Animal::default() });
    let other = state.animals.insert(Animal { keeper: PlayerId(2), ammo: 6, ..Animal::default() });
    state.orders.insert(Order { team: Team(1), text: "go".into(), target: mine, at: Vec3::ZERO });
    state.clear_private(PlayerId(1));
    assert_eq!(state.animals[mine].ammo, 5);
    assert_eq!(state.animals[other].ammo, 0);
    assert_eq!(state.orders.len(), 1);
}
