//! The pages inside the binary.

use crate::program::Program;
use crate::raw::get;

#[test]
fn the_page_and_all_that_it_names_are_in_the_binary() {
    let program = Program::start(&[]);
    let page = get(program.address, "/");
    assert_eq!(page.status, 200);
    let html = String::from_utf8(page.body).unwrap();
    let named: Vec<&str> = ["src=\"", "href=\""]
        .iter()
        .flat_map(|mark| html.split(mark).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|path| path.starts_with('/'))
        .collect();
    assert!(!named.is_empty(), "{html}");
    for path in named {
        assert_eq!(get(program.address, path).status, 200, "{path}");
    }
    assert_eq!(get(program.address, "/sdk/tickwire.js").status, 200);
    let map = get(program.address, "/assets/maps/depot.json");
    assert_eq!(map.header("content-type"), Some("application/json"));
    assert!(map.json()["layers"].is_array());
}

#[test]
fn tests_and_tools_beside_the_pages_are_not_shipped() {
    let program = Program::start(&[]);
    for path in ["/sdk/test/vectors/codec.json", "/sdk/test/values.test.js"] {
        assert_eq!(get(program.address, path).status, 404, "{path}");
    }
}
